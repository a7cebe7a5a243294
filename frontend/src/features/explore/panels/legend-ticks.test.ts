import * as fc from "fast-check";
import { expect, it } from "vitest";
import { type Normalisation, type Sample, scaleOf, shade } from "../../../model/scale.ts";
import { legendTicks } from "./legend-ticks.ts";

const NORMALISATIONS: readonly Normalisation[] = ["linear", "log", "eq_hist"];

function sampleOf(values: readonly number[], integers: boolean): Sample {
  return { values: Float64Array.from(values), integers, lo: Math.min(...values), hi: Math.max(...values) };
}

it.each(NORMALISATIONS)("gives each of a few counts a tick at its colour: %s", (normalisation) => {
  for (const counts of [
    [1, 1, 1, 2, 3, 3],
    [1, 2, 2],
    [4, 4],
  ]) {
    const scale = scaleOf(sampleOf(counts, true), normalisation, null);
    const ticks = legendTicks(scale, { integer: true }, "number");
    expect(ticks.map(({ label }) => label)).toEqual([...new Set(counts)].map(String));
    for (const { label, at } of ticks) expect(at).toBe(shade(scale, Number(label)));
  }
});

it("stands where its number is drawn, for any numbers", () => {
  const values = fc.array(
    fc.integer({ min: -1e6, max: 1e6 }).map((value) => value / 64),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(
      values,
      fc.boolean(),
      fc.constantFrom(...NORMALISATIONS),
      (numbers, integer, normalisation) => {
        const sample = sampleOf(integer ? numbers.map(Math.round) : numbers, integer);
        const scale = scaleOf(sample, normalisation, null);
        const ticks = legendTicks(scale, { integer }, "number");
        expect(ticks.length).toBeGreaterThan(0);
        for (const { label, at } of ticks) {
          const value = Number(label.replaceAll(",", ""));
          // The number is rounded to what the bar shows of it.
          const isRange = normalisation !== "eq_hist" && sample.hi > sample.lo;
          if (integer) expect(at).toBe(shade(scale, value));
          else if (isRange) expect(Math.abs(at - shade(scale, value))).toBeLessThan(0.03);
          expect(!integer || Number.isInteger(value)).toBe(true);
        }
      },
    ),
  );
});

it("has numbers for extreme ranges", () => {
  for (const [lo, hi] of [
    [-1.7e308, 1.7e308],
    [0, 5e-324],
    [1e-310, 3e-310],
  ] as const) {
    for (const normalisation of NORMALISATIONS) {
      const ticks = legendTicks(
        scaleOf(sampleOf([lo, hi], false), normalisation, null),
        { integer: false },
        "number",
      );
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.every(({ label, at }) => at >= 0 && at <= 1 && Number.isFinite(Number(label)))).toBe(true);
    }
  }
});
