import { expect, it } from "vitest";
import { EasedScale } from "./eased-scale.ts";
import { type Scale, scaleOf } from "./scale.ts";

const scale = (hi: number): Scale => ({
  normalisation: "linear",
  lo: 0,
  hi,
  table: null,
  areaBits: 1,
  exponent: 0,
});

it("eases from one scale to the next", () => {
  const eased = new EasedScale(false);
  expect(eased.at(0)).toBeNull();
  eased.aim(scale(1), 0);
  expect(eased.at(0)?.blend).toBe(1);
  eased.aim(scale(2), 1000);
  expect(eased.at(1000)).toMatchObject({ from: { hi: 1 }, to: { hi: 2 }, blend: 0 });
  expect(eased.at(1110)?.blend).toBeCloseTo(0.5);
  expect(eased.at(1300)?.blend).toBe(1);
});

it("does not start again for an equal scale", () => {
  const eased = new EasedScale(false);
  const sample = (...values: number[]) => ({
    values: Float64Array.from(values),
    integers: true,
    lo: 1,
    hi: 9,
  });
  eased.aim(scaleOf(sample(1, 9), "eq_hist", null), 0);
  eased.aim(scaleOf(sample(1, 9), "eq_hist", null), 500);
  expect(eased.at(500)?.blend).toBe(1);
  eased.aim(scaleOf(sample(1, 1, 9), "eq_hist", null), 600);
  expect(eased.at(600)?.blend).toBe(0);
});

it("changes at once for people who asked for reduced motion", () => {
  const eased = new EasedScale(true);
  eased.aim(scale(1), 0);
  eased.aim(scale(2), 10);
  expect(eased.at(10)).toMatchObject({ to: { hi: 2 }, blend: 1 });
});
