import { expect, it } from "vitest";
import { axisOptions, axisTitle, isOfRows, rankedAxes } from "./quantity.ts";
import { ANY, axesOf, byCategory, pieceOf, ROWS, valueQuantity } from "./testing.ts";

it("names an axis with its unit where there is one", () => {
  const axis = { column: "d", type: "number", transform: "linear", label: "Distance", unit: "km" } as const;
  expect(axisTitle(axis)).toBe("Distance (km)");
  expect(axisTitle({ ...axis, unit: "" })).toBe("Distance");
  expect(axisTitle({ ...axis, transform: "log10" })).toBe("Distance (km), log scale");
});

it("tells numbers that only repeat the rows from those that say more", () => {
  expect([ROWS, ANY, byCategory("c")].map(isOfRows)).toEqual([true, true, true]);
  expect(isOfRows(valueQuantity("Mean of v", "ratio", ["sum"]))).toBe(false);
});

it("finds the options of the axes by what they hold, whatever they are called", () => {
  const axes = axesOf("date", "delay");
  expect(axisOptions(["across", "up", "of"], { across: "date", up: "delay", of: "delay" }, axes)).toEqual([
    "across",
    "up",
  ]);
  expect(axisOptions(["a", "b"], { a: "date", b: "date" }, axesOf("date", "date"))).toEqual(["a", "b"]);
  expect(axisOptions(["x", "y"], { x: "date", y: "other" }, axesOf("date", null))).toEqual(["x"]);
  expect(axisOptions(["x"], { x: "date" }, null)).toEqual([]);
});

const { x: ORIGIN } = axesOf("origin", null);
const RANKED = {
  x: { ...ORIGIN, transform: "steps", steps: ["ATL", null, "", "Other (7)"], ranked: 3 },
  y: null,
} as const;
const piece = (x0: number, steps: number[]) => ({
  ...pieceOf({ id: `at ${x0}`, planes: [] }),
  extent: { x0, x1: x0 + 2, y0: 0, y1: 1 },
  steps,
});

it("gives each cell the step that its piece says", () => {
  const found = rankedAxes(RANKED, [piece(0, [2, 1]), piece(2, [3])]);
  expect(found.x.steps).toEqual(["#3", null, "Other (7)"]);
  expect(found.x.ranked).toBeUndefined();
});

it("gives the cells of both axes of a heat map their steps", () => {
  const both = { x: RANKED.x, y: { ...RANKED.x, ranked: 2 } };
  const at = { ...piece(0, [2, 1, 3]), stepsY: [1, 0] };
  const found = rankedAxes(both, [at]);
  expect(found.x.steps).toEqual(["#3", null, "Other (7)"]);
  expect(found.y?.steps).toEqual([null, "ATL"]);
  const onlyY = rankedAxes({ x: ORIGIN, y: both.y }, [at]);
  expect(onlyY.x).toBe(ORIGIN);
  expect(onlyY.y?.steps).toEqual([null, "ATL"]);
});

it("leaves a cell without a piece without a label, and other axes as they are", () => {
  expect(rankedAxes(RANKED, [piece(0, [0])]).x.steps).toEqual(["ATL", "", ""]);
  const plain = axesOf();
  expect(rankedAxes(plain, [piece(0, [0])])).toBe(plain);
});
