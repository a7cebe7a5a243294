import { expect, it } from "vitest";
import { axisOptions, axisTitle, isOfRows } from "./quantity.ts";
import { ANY, axesOf, byCategory, ROWS, valueQuantity } from "./testing.ts";

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
