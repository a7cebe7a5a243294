import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Sample, scaleOf, shade, unshade } from "./scale.ts";

function sampleOf(values: readonly number[], integers: boolean): Sample {
  return { values: Float64Array.from(values), integers, lo: Math.min(...values), hi: Math.max(...values) };
}

// Made with datashader 0.19.1: eq_hist of (values − least) and _rescale_discrete_levels, then the place in the span.
const DATASHADER: readonly [string, boolean, readonly number[], readonly number[]][] = [
  [
    "a few counts",
    true,
    [1, 1, 1, 2, 2, 3, 9],
    [0.3287671, 0.3287671, 0.3287671, 0.6643836, 0.6643836, 0.8321918, 1.0],
  ],
  ["one level", true, [4, 4], [1.0, 1.0]],
  ["two levels", true, [1, 1, 1, 8], [0.3333333, 0.3333333, 0.3333333, 1.0]],
  [
    "wide counts",
    true,
    [1, 5, 5, 70000, 200000, 200000],
    [0.1666667, 0.4369089, 0.4369089, 0.6666658, 1.0, 1.0],
  ],
  [
    "means",
    false,
    [0.25, -3.5, -3.5, 12.125, 0.3, 7.75],
    [0.4949576, 0.3264605, 0.3264605, 1.0, 0.6631141, 0.831619],
  ],
  [
    "many levels",
    true,
    [
      1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30,
      31, 32, 33, 35, 36, 38, 39, 40, 41, 42, 43, 44, 45, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60,
      61, 63, 64, 65, 66, 67, 68, 70, 71, 72, 73, 74, 75, 76, 78, 79, 80, 81, 82, 84, 85, 86, 87, 89, 91, 93,
      94, 95, 96, 98, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 111, 112, 113, 114, 116, 117, 118,
      119, 121, 122, 123, 124, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 137, 138, 140, 141, 143, 144,
      145, 146, 147, 148, 155, 157, 159, 160,
    ],
    [
      0.0, 0.0077519, 0.0155039, 0.0232558, 0.0310078, 0.0387597, 0.0465116, 0.0542636, 0.0620155, 0.0697674,
      0.0775194, 0.0852713, 0.0930233, 0.1007752, 0.1085271, 0.1162791, 0.124031, 0.1317829, 0.1395349,
      0.1472868, 0.1550388, 0.1627907, 0.1705426, 0.1782946, 0.1860465, 0.1937984, 0.2015504, 0.2093023,
      0.2170543, 0.2248062, 0.2325581, 0.2403101, 0.248062, 0.255814, 0.2635659, 0.2713178, 0.2790698,
      0.2868217, 0.2945736, 0.3023256, 0.3100775, 0.3178295, 0.3255814, 0.3333333, 0.3410853, 0.3488372,
      0.3565891, 0.3643411, 0.372093, 0.379845, 0.3875969, 0.3953488, 0.4031008, 0.4108527, 0.4186047,
      0.4263566, 0.4341085, 0.4418605, 0.4496124, 0.4573643, 0.4651163, 0.4728682, 0.4806202, 0.4883721,
      0.496124, 0.503876, 0.5116279, 0.5193798, 0.5271318, 0.5348837, 0.5426357, 0.5503876, 0.5581395,
      0.5658915, 0.5736434, 0.5813953, 0.5891473, 0.5968992, 0.6046512, 0.6124031, 0.620155, 0.627907,
      0.6356589, 0.6434109, 0.6511628, 0.6589147, 0.6666667, 0.6744186, 0.6821705, 0.6899225, 0.6976744,
      0.7054264, 0.7131783, 0.7209302, 0.7286822, 0.7364341, 0.744186, 0.751938, 0.7596899, 0.7674419,
      0.7751938, 0.7829457, 0.7906977, 0.7984496, 0.8062016, 0.8139535, 0.8217054, 0.8294574, 0.8372093,
      0.8449612, 0.8527132, 0.8604651, 0.8682171, 0.875969, 0.8837209, 0.8914729, 0.8992248, 0.9069767,
      0.9147287, 0.9224806, 0.9302326, 0.9379845, 0.9457364, 0.9534884, 0.9612403, 0.9689922, 0.9767442,
      0.9844961, 0.9922481, 1.0,
    ],
  ],
];

describe("eq_hist", () => {
  it.each(DATASHADER)("equals datashader's on %s", (_name, integers, values, places) => {
    const scale = scaleOf(sampleOf(values, integers), "eq_hist", null);
    values.forEach((value, i) => expect(shade(scale, value)).toBeCloseTo(places[i] ?? Number.NaN, 4));
  });

  it("gives the greatest value the end of the map and never falls", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (values) => {
        const scale = scaleOf(sampleOf(values, true), "eq_hist", null);
        const places = values.toSorted((a, b) => a - b).map((value) => shade(scale, value));
        expect(places.at(-1)).toBe(1);
        places.reduce((before, place) => {
          expect(place).toBeGreaterThanOrEqual(before);
          return place;
        });
      }),
    );
  });
});

describe("linear and log", () => {
  it("run from the least to the greatest", () => {
    for (const normalisation of ["linear", "log"] as const) {
      const scale = scaleOf(sampleOf([1, 10, 100], true), normalisation, null);
      expect([shade(scale, 1), shade(scale, 100), shade(scale, 0), shade(scale, 500)]).toEqual([0, 1, 0, 1]);
    }
  });

  it("log is log1p above the least, as in datashader", () => {
    const scale = scaleOf(sampleOf([1, 10, 100], true), "log", null);
    expect(shade(scale, 10)).toBeCloseTo(Math.log1p(9) / Math.log1p(99), 12);
  });

  it("are undone by unshade", () => {
    const places = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(places, fc.constantFrom("linear" as const, "log" as const), (place, normalisation) => {
        const scale = scaleOf(sampleOf([-50, 1000], false), normalisation, null);
        expect(shade(scale, unshade(scale, place))).toBeCloseTo(place, 9);
      }),
    );
  });

  it("put a single value at the end of the map", () => {
    for (const normalisation of ["linear", "log", "eq_hist"] as const) {
      const scale = scaleOf(sampleOf([7, 7, 7], true), normalisation, null);
      expect(shade(scale, 7)).toBe(1);
    }
  });
});

describe("extreme values", () => {
  const EXTREMES: readonly (readonly [number, number, number])[] = [
    [-1.7e308, 0, 1.7e308],
    [0, 1.2e308, 1.7e308],
    [0, 1e-310, 2e-310],
    [0, 5e-324, 1e-323],
    [-4e-320, 0, 1e-320],
    [1e-306, 2e-306, 4e-306],
  ];

  it.each(EXTREMES)("%d, %d, %d have colours in order", (lo, middle, hi) => {
    for (const normalisation of ["linear", "log", "eq_hist"] as const) {
      const scale = scaleOf(sampleOf([lo, middle, hi], false), normalisation, null);
      const places = [lo, middle, hi].map((value) => shade(scale, value));
      expect(places.every((place) => place >= 0 && place <= 1)).toBe(true);
      expect(places.toSorted((a, b) => a - b)).toEqual(places);
      expect(places[2]).toBe(1);
      expect(places[0]).toBeLessThan(1);
      expect([unshade(scale, 0), unshade(scale, 1)].every(Number.isFinite)).toBe(true);
    }
  });

  it("linear is the exact share", () => {
    const share = (lo: number, value: number, hi: number) =>
      shade(scaleOf(sampleOf([lo, hi], false), "linear", null), value);
    expect(share(-1.5e308, 0, 1.5e308)).toBe(0.5);
    expect(share(0, 5e-324, 1e-323)).toBe(0.5);
    expect(share(0, Infinity, 1.7e308)).toBe(1);
  });

  it("log holds from the least to the greatest", () => {
    const scale = scaleOf(sampleOf([0, 1.7e308], false), "log", null);
    expect(shade(scale, 1e100)).toBeCloseTo(Math.log(1e100) / Math.log(1.7e308), 9);
    expect(shade(scale, 1)).toBeCloseTo(Math.LN2 / Math.log(1.7e308), 9);
    expect(unshade(scale, shade(scale, 1e100)) / 1e100).toBeCloseTo(1, 9);
  });
});
