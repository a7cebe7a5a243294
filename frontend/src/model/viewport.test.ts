import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  boxed,
  contains,
  dataAt,
  type Extent,
  intersects,
  isValid,
  padded,
  pan,
  placeOf,
  withEqualSteps,
  zoomAt,
} from "./viewport.ts";

const interval = fc
  .tuple(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.double({ min: 1e-2, max: 1e9, noNaN: true }))
  // Wide enough beside its place that float64 rounding stays out of the picture.
  .map(([lo, width]) => [lo, lo + width + Math.abs(lo) * 1e-3] as const);
const extents: fc.Arbitrary<Extent> = fc
  .tuple(interval, interval)
  .map(([[x0, x1], [y0, y1]]) => ({ x0, x1, y0, y1 }))
  .filter(isValid);
const places = fc.record({
  u: fc.double({ min: 0, max: 1, noNaN: true }),
  v: fc.double({ min: 0, max: 1, noNaN: true }),
});
const factors = fc.double({ min: 0.1, max: 10, noNaN: true });

/** Distance as a share of the span: rounding alone stays far below this. */
const ROUNDING = 1e-6;
const apart = (a: number, b: number, span: number) =>
  Math.abs(a - b) / Math.max(span, Math.abs(a) * 1e-6, Number.MIN_VALUE);

describe("zoomAt", () => {
  it("keeps the data point under the pointer", () => {
    fc.assert(
      fc.property(extents, places, factors, (extent, at, factor) => {
        const before = dataAt(extent, at);
        const after = dataAt(zoomAt(extent, at, factor), at);
        expect(apart(before.x, after.x, extent.x1 - extent.x0)).toBeLessThan(ROUNDING);
        expect(apart(before.y, after.y, extent.y1 - extent.y0)).toBeLessThan(ROUNDING);
      }),
    );
  });

  it("is undone by the inverse factor", () => {
    fc.assert(
      fc.property(extents, places, factors, (extent, at, factor) => {
        const there = zoomAt(extent, at, factor);
        fc.pre(there !== extent);
        const back = zoomAt(there, at, 1 / factor);
        const span = extent.x1 - extent.x0;
        expect(apart(back.x0, extent.x0, span * Math.max(1, factor))).toBeLessThan(ROUNDING);
        expect(apart(back.x1, extent.x1, span * Math.max(1, factor))).toBeLessThan(ROUNDING);
      }),
    );
  });

  it("moves only the named axis", () => {
    const extent = { x0: 0, x1: 10, y0: 0, y1: 10 };
    expect(zoomAt(extent, { u: 0.5, v: 0.5 }, 0.5, "x")).toEqual({ x0: 2.5, x1: 7.5, y0: 0, y1: 10 });
    expect(zoomAt(extent, { u: 0, v: 1 }, 0.5, "y")).toEqual({ x0: 0, x1: 10, y0: 5, y1: 10 });
  });

  it("never leaves what float64 can show", () => {
    fc.assert(
      fc.property(extents, places, fc.constantFrom(0.2, 5), (start, at, factor) => {
        let extent = start;
        for (let step = 0; step < 200; step += 1) extent = zoomAt(extent, at, factor);
        expect(isValid(extent)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe("pan", () => {
  it("has an inverse", () => {
    const shares = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(extents, shares, shares, (extent, du, dv) => {
        const back = pan(pan(extent, du, dv), -du, -dv);
        expect(apart(back.x0, extent.x0, extent.x1 - extent.x0)).toBeLessThan(ROUNDING);
        expect(apart(back.y1, extent.y1, extent.y1 - extent.y0)).toBeLessThan(ROUNDING);
      }),
    );
  });
});

describe("boxed", () => {
  it("takes corners in any order", () => {
    const extent = { x0: 0, x1: 10, y0: 0, y1: 20 };
    expect(boxed(extent, { u: 0.8, v: 0.1 }, { u: 0.2, v: 0.6 })).toEqual({ x0: 2, x1: 8, y0: 2, y1: 12 });
  });

  it("refuses a box without an area", () => {
    expect(boxed({ x0: 0, x1: 1, y0: 0, y1: 1 }, { u: 0.5, v: 0 }, { u: 0.5, v: 1 })).toBeNull();
  });
});

it("makes a step as long on both axes, and leaves nothing out", () => {
  const sizes = fc.record({
    width: fc.integer({ min: 1, max: 4096 }),
    height: fc.integer({ min: 1, max: 4096 }),
  });
  fc.assert(
    fc.property(extents, sizes, (extent, size) => {
      const equal = withEqualSteps(extent, size);
      const [across, up] = [(equal.x1 - equal.x0) / size.width, (equal.y1 - equal.y0) / size.height];
      expect(apart(across, up, across)).toBeLessThan(ROUNDING);
      expect(contains(padded(equal, ROUNDING), extent)).toBe(true);
    }),
  );
  expect(withEqualSteps({ x0: 0, x1: 10, y0: 0, y1: 10 }, { width: 200, height: 100 })).toEqual({
    x0: -5,
    x1: 15,
    y0: 0,
    y1: 10,
  });
});

it("dataAt and placeOf are inverse", () => {
  fc.assert(
    fc.property(extents, places, (extent, at) => {
      const { x, y } = dataAt(extent, at);
      const place = placeOf(extent, x, y);
      expect(place.u).toBeCloseTo(at.u, 4);
      expect(place.v).toBeCloseTo(at.v, 4);
    }),
  );
});

it("knows what contains and meets what", () => {
  const outer = { x0: 0, x1: 4, y0: 0, y1: 4 };
  expect(contains(outer, { x0: 0, x1: 4, y0: 1, y1: 2 })).toBe(true);
  expect(contains(outer, { x0: 0, x1: 5, y0: 1, y1: 2 })).toBe(false);
  // Half-open boxes that share an edge do not meet.
  expect(intersects(outer, { x0: 4, x1: 5, y0: 0, y1: 4 })).toBe(false);
  expect(intersects(outer, { x0: 3, x1: 5, y0: 3, y1: 9 })).toBe(true);
});

it("refuses what cannot be shown", () => {
  expect(isValid({ x0: 1, x1: 0, y0: 0, y1: 1 })).toBe(false);
  expect(isValid({ x0: 0, x1: Number.NaN, y0: 0, y1: 1 })).toBe(false);
  expect(isValid({ x0: 0, x1: Number.POSITIVE_INFINITY, y0: 0, y1: 1 })).toBe(false);
  expect(isValid({ x0: 1e15, x1: 1e15 + 0.125, y0: 0, y1: 1 })).toBe(false);
});

it("shows and zooms whatever the server has coordinates for", () => {
  for (const [x0, x1] of [
    [-(2 ** 1000), 2 ** 1000],
    [1e300, 2e300],
    [0, 1e-306],
    [0, 1e-320],
  ] as const) {
    const extent = { x0, x1, y0: 0, y1: 1 };
    expect(isValid(extent) && isValid(padded(extent, 0.02))).toBe(true);
    const near = zoomAt(extent, { u: 0.5, v: 0.5 }, 0.5);
    expect(isValid(near) && near.x0 > x0 && near.x1 < x1).toBe(true);
  }
});
