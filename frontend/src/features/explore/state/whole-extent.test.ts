import { describe, expect, it } from "vitest";
import { axesOf, columnOf } from "../../../model/testing.ts";
import type { TransformName } from "../../../model/transforms/transforms.ts";
import { isValid } from "../../../model/viewport.ts";
import { wholeExtent } from "./whole-extent.ts";

const NOW = { x0: 1, x1: 2, y0: 3, y1: 4 };
const column = (name: string, min: number | null, max: number | null) => columnOf({ name, min, max });

it("holds every value, with a little room", () => {
  const columns = [column("x", 0, 100), column("y", -10, 40)];
  expect(wholeExtent(axesOf(), columns, NOW)).toEqual({ x0: -2, x1: 102, y0: -11, y1: 41 });
  expect(wholeExtent(axesOf("x", null), columns, NOW)).toEqual({ x0: -2, x1: 102, y0: 3, y1: 4 });
});

it("is not known where a range is not", () => {
  expect(wholeExtent(axesOf(), [column("x", 0, 1), column("y", null, null)], NOW)).toBeNull();
  expect(wholeExtent(axesOf(), [column("x", 0, 1)], NOW)).toBeNull();
  expect(wholeExtent(axesOf("x", "x"), [column("x", -1e300, -1e300)], NOW)).toBeNull();
});

it("holds every step of an axis of steps", () => {
  const x = { ...axesOf("x", null).x, transform: "steps", steps: ["a", null, "b", "c"] } as const;
  expect(wholeExtent({ x, y: null }, [], NOW)).toEqual({ x0: -0.08, x1: 4.08, y0: 3, y1: 4 });
  expect(wholeExtent({ x: { ...x, ranked: 2 }, y: null }, [], NOW)).toMatchObject({ x0: -0.04, x1: 2.04 });
});

it("holds whole bins of an axis in bins", () => {
  const x = { ...axesOf("x", null).x, width: 10 };
  expect(wholeExtent({ x, y: null }, [column("x", -5, 95)], NOW)).toMatchObject({ x0: -1.22, x1: 10.22 });
});

describe("in units of the axis", () => {
  const on = (transform: TransformName) => ({ x: { ...axesOf("x", null).x, transform }, y: null });
  const scaled = (
    transform: TransformName,
    min: number,
    max: number,
    leastPositive: number | null = null,
  ) => {
    const extent = wholeExtent(on(transform), [{ ...column("x", min, max), leastPositive }], NOW);
    return extent && [extent.x0, extent.x1];
  };

  it("a logarithmic axis begins at the least value above 0", () => {
    expect(scaled("log10", 1, 1e4)).toEqual([-0.08, 4.08]);
    expect(scaled("log10", -5, 1e4, 1)).toEqual([-0.08, 4.08]);
    expect(scaled("log10", 0, 1e4)).toBeNull();
    expect(scaled("log10", -5, 0)).toBeNull();
  });

  it("a map ends at its last latitude", () => {
    expect(scaled("mercator", 0, 90)?.[1]).toBeCloseTo(183.6, 5);
    expect(scaled("mercator", 86, 90)).toBeNull();
  });
});

it.each([
  [0, 0],
  [7, 7],
  [-1e200, -1e200],
  [-1.7e308, 1.7e308],
  [5e-324, 5e-324],
])("of %d to %d can be shown", (min, max) => {
  const extent = wholeExtent(axesOf("x", "x"), [column("x", min, max)], NOW);
  expect(extent && isValid(extent)).toBe(true);
});
