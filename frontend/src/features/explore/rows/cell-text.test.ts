import { expect, it } from "vitest";
import { cellText, MISSING } from "./cell-text.ts";

const NUMBER = { type: "number", dtype: "double", timeUnit: "us" } as const;
const TIME = { type: "time", dtype: "timestamp[us]", timeUnit: "us" } as const;

it("keeps every digit", () => {
  expect(cellText(2n ** 63n - 1n, NUMBER)).toBe("9223372036854775807");
  expect(cellText(0.1 + 0.2, NUMBER)).toBe("0.30000000000000004");
  expect(cellText(Number.POSITIVE_INFINITY, NUMBER)).toBe("Infinity");
  expect(cellText("Ä", NUMBER)).toBe("Ä");
  expect(cellText(null, NUMBER)).toBe(MISSING);
});

it("writes narrow numbers as short as they are", () => {
  const narrow = { ...NUMBER, dtype: "float" };
  expect(cellText(Math.fround(0.1), narrow)).toBe("0.1");
  expect(cellText(Math.fround(16_777_217.5), narrow)).toBe("16777218");
  expect(cellText(Math.fround(1 / 3), narrow)).toBe("0.33333334");
});

it("writes times to their last digit", () => {
  expect(cellText(0n, TIME)).toBe("1970-01-01 00:00:00");
  expect(cellText(1_500_000n, TIME)).toBe("1970-01-01 00:00:01.5");
  expect(cellText(1n, TIME)).toBe("1970-01-01 00:00:00.000001");
  expect(cellText(-1n, TIME)).toBe("1969-12-31 23:59:59.999999");
  expect(cellText(100_000_000n, TIME)).toBe("1970-01-01 00:01:40");
  expect(cellText(-62_135_596_800_000n, { ...TIME, timeUnit: "ms" })).toBe("0001-01-01 00:00:00");
});
