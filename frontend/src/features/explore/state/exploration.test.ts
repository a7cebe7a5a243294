import { expect, it } from "vitest";
import { START_LIMITS } from "../../../net/socket/limits.ts";
import { requestSize } from "./exploration.ts";

it("asks for the pixels there are, within what the server allows", () => {
  expect(requestSize("grid", { width: 1200, height: 700 }, 2, START_LIMITS)).toEqual({
    width: 1200,
    height: 700,
  });
  const large = requestSize("grid", { width: 7680, height: 4320 }, 2, START_LIMITS);
  expect(large.width * large.height).toBeLessThanOrEqual(8_388_608);
  expect(large.width / large.height).toBeCloseTo(7680 / 4320, 2);
  expect(requestSize("grid", { width: 9000, height: 10 }, 1, START_LIMITS)).toEqual({
    width: 4096,
    height: 10,
  });
});

it("asks for bars that are wide enough to see", () => {
  expect(requestSize("bars", { width: 1200, height: 700 }, 2, START_LIMITS)).toEqual({
    width: 100,
    height: 1,
  });
  expect(requestSize("bars", { width: 2, height: 2 }, 1, START_LIMITS)).toEqual({ width: 1, height: 1 });
});

it("asks for a column for each pixel of a line", () => {
  expect(requestSize("lines", { width: 9000, height: 700 }, 2, START_LIMITS)).toEqual({
    width: 4096,
    height: 1,
  });
});

it("asks for less where the server allows less", () => {
  const limits = { ...START_LIMITS, sidePixels: 500, picturePixels: 40_000 };
  expect(requestSize("grid", { width: 400, height: 400 }, 1, limits)).toEqual({ width: 200, height: 200 });
  expect(requestSize("grid", { width: 900, height: 10 }, 1, limits)).toEqual({ width: 500, height: 10 });
  expect(requestSize("bars", { width: 9000, height: 10 }, 1, limits)).toEqual({ width: 500, height: 1 });
});
