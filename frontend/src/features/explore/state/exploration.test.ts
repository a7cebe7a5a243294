import { expect, it } from "vitest";
import { requestSize } from "./exploration.ts";

it("asks for the pixels there are, within what the server allows", () => {
  expect(requestSize("grid", { width: 1200, height: 700 }, 2)).toEqual({ width: 1200, height: 700 });
  const large = requestSize("grid", { width: 7680, height: 4320 }, 2);
  expect(large.width * large.height).toBeLessThanOrEqual(8_388_608);
  expect(large.width / large.height).toBeCloseTo(7680 / 4320, 2);
  expect(requestSize("grid", { width: 9000, height: 10 }, 1)).toEqual({ width: 4096, height: 10 });
});

it("asks for bars that are wide enough to see", () => {
  expect(requestSize("bars", { width: 1200, height: 700 }, 2)).toEqual({ width: 100, height: 1 });
  expect(requestSize("bars", { width: 2, height: 2 }, 1)).toEqual({ width: 1, height: 1 });
});
