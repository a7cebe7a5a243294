import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeText, rangeText, scaleTicks } from "./scales.ts";
import { ticksOf, valueText } from "./ticks.ts";

const LOG = { type: "number", transform: "log10" } as const;
const MAP = { type: "number", transform: "mercator" } as const;
const PLAIN = { type: "time", transform: "linear" } as const;

const labels = (lo: number, hi: number, count: number) =>
  scaleTicks(LOG, lo, hi, count).map(({ label }) => label);

describe("ticks of a logarithmic axis", () => {
  it("are powers of ten, and fewer of them where there is little room", () => {
    expect(labels(-2, 4, 8)).toEqual(["0.01", "0.1", "1", "10", "100", "1k", "10k"]);
    expect(labels(0, 14, 5)).toEqual(["1", "1k", "1M", "1B", "1T"]);
    expect(labels(-300, 300, 3)).toEqual(["1e-200", "1", "1e200"]);
  });

  it("are 1, 2 and 5 within a few decades, and any round values within one", () => {
    expect(labels(1, 2.5, 8)).toEqual(["10", "20", "50", "100", "200"]);
    expect(labels(Math.log10(19.9), Math.log10(30.1), 5)).toEqual(["20", "22", "24", "26", "28", "30"]);
  });

  it("lie inside of the axis, at their values", () => {
    const ends = fc.tuple(
      fc.double({ min: -300, max: 300, noNaN: true }),
      fc.double({ min: 1e-6, max: 8, noNaN: true }),
    );
    fc.assert(
      fc.property(ends, ([lo, span]) => {
        const ticks = scaleTicks(LOG, lo, lo + span, 6);
        for (const { at } of ticks) expect(at >= lo && at <= lo + span).toBe(true);
        expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
        if (span > 1) expect(ticks.length).toBeGreaterThan(0);
      }),
    );
  });

  it("are none on an axis that is not one", () => {
    expect(labels(1, 1, 5)).toEqual([]);
    expect(labels(0, Number.POSITIVE_INFINITY, 5)).toEqual([]);
  });
});

it("an axis in bins has ticks and read-outs in values", () => {
  const minutes = { type: "time", transform: "linear", width: 300e6 } as const;
  expect(scaleTicks(minutes, 0, 12, 6).map(({ at, label }) => [at, label])).toContainEqual([6, "12:30"]);
  expect(rangeText(minutes, 1, 2, 1, " – ")).toBe("1970-01-01 00:05 – 1970-01-01 00:10");
  expect(rangeText({ ...LOG, width: 0.5 }, 2, 4, 2, " – ")).toBe(rangeText(LOG, 1, 2, 1, " – "));
  expect(scaleTicks({ ...LOG, width: 0.5 }, 2, 5, 8).map(({ label }) => label)).toEqual(labels(1, 2.5, 8));
});

it("ticks of a map are degrees, further apart towards the poles", () => {
  const ticks = scaleTicks(MAP, -180, 180, 8);
  expect(ticks.map(({ label }) => label.replace("−", "-"))).toEqual([
    "-80",
    "-60",
    "-40",
    "-20",
    "0",
    "20",
    "40",
    "60",
    "80",
  ]);
  expect(ticks[4]?.at).toBe(0);
  expect(ticks[8]?.at).toBeCloseTo(139.5866, 3);
});

it("a linear axis is as it was", () => {
  expect(scaleTicks(PLAIN, 0, 1e9, 5)).toEqual(ticksOf("time", 0, 1e9, 5));
  expect(placeText(PLAIN, 1e15, 1e6)).toBe(valueText("time", 1e15, 1e6));
});

it("values are those of the column, each as precise as its place allows", () => {
  expect(rangeText(LOG, -2, 6, 8 / 1000, " to ")).toBe("0.01 to 1,000,000");
  expect(placeText(LOG, Math.log10(1234.5), 0.001)).toBe("1,234.5");
  expect(placeText(MAP, 139.5866, 0.01)).toBe("80");
  expect(placeText(LOG, 400, 1)).toBe("1.7977e+308");
});
