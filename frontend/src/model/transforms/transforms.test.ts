import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TransformName, transformOf } from "./transforms.ts";

const RANGES: readonly [TransformName, number, number][] = [
  ["linear", -1e300, 1e300],
  ["log10", Number.MIN_VALUE, Number.MAX_VALUE],
  ["mercator", -85.05112878, 85.05112878],
];

describe.each(RANGES)("%s", (name, low, high) => {
  const { forward, inverse } = transformOf(name);

  it("finds the value of a place", () => {
    fc.assert(
      fc.property(fc.double({ min: low, max: high, noNaN: true }), (value) => {
        const found = inverse(forward(value));
        expect(found >= low && found <= high).toBe(true);
        expect(Math.abs(found - value)).toBeLessThanOrEqual(Math.abs(value) * 2e-13 + 1e-13);
      }),
    );
  });

  it("never falls where values rise", () => {
    const value = fc.double({ min: low, max: high, noNaN: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(forward(Math.min(a, b))).toBeLessThanOrEqual(forward(Math.max(a, b)));
      }),
    );
  });
});

it("ends where values do", () => {
  const log = transformOf("log10");
  expect([log.inverse(-400), log.inverse(400)]).toEqual([log.low, log.high]);
  const map = transformOf("mercator");
  expect([map.inverse(-500), map.inverse(500)]).toEqual([map.low, map.high]);
});

it("has the places of the server", () => {
  expect(transformOf("log10").forward(1000)).toBe(3);
  expect(transformOf("mercator").forward(0)).toBe(0);
  expect(transformOf("mercator").forward(35)).toBeCloseTo(37.40478, 5);
  expect(transformOf("mercator").forward(85.05112878)).toBeCloseTo(180, 6);
});
