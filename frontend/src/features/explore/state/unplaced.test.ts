import { expect, it } from "vitest";
import { axesOf, columnOf, ROWS, valueQuantity } from "../../../model/testing.ts";
import type { TransformName } from "../../../model/transforms/transforms.ts";
import { placedRows, unplacedSentences } from "./unplaced.ts";

const NONE = { missing: 0, infinite: 0, outOfRange: 0, valueMissing: 0, valueInfinite: 0, notOnScale: 0 };
const columns = [
  columnOf({ name: "t", nulls: 3 }),
  columnOf({ name: "v", infinite: 4, outOfRange: 1, unreadable: 2 }),
];
const shown = { axes: axesOf("t", "v"), quantity: ROWS, columns };

it("names the axis that has no place for a row", () => {
  expect(unplacedSentences({ ...shown, unplaced: { ...NONE, infinite: 4 } })).toEqual([
    "4 rows have an infinite v and are not shown.",
  ]);
  expect(unplacedSentences({ ...shown, unplaced: { ...NONE, missing: 5_000, outOfRange: 1 } })).toEqual([
    "5,000 rows have no t or v and are not shown.",
    "1 row has a v that no axis reaches and is not shown.",
  ]);
  expect(unplacedSentences({ ...shown, axes: axesOf("t", null), unplaced: { ...NONE, missing: 3 } })).toEqual(
    ["3 rows have no t and are not shown."],
  );
});

it("names what a scale or a map has no place for", () => {
  const unplaced = { ...NONE, notOnScale: 12 };
  const { x, y } = axesOf("t", "v");
  const scaled = (across: TransformName, up: TransformName) => ({
    x: { ...x, transform: across },
    y: y && { ...y, transform: up },
  });
  expect(unplacedSentences({ ...shown, axes: scaled("log10", "linear"), unplaced })).toEqual([
    "12 rows have no t above 0 and are not shown.",
  ]);
  expect(unplacedSentences({ ...shown, axes: scaled("log10", "log10"), unplaced })).toEqual([
    "12 rows have no t or v above 0 and are not shown.",
  ]);
  expect(unplacedSentences({ ...shown, axes: scaled("linear", "mercator"), unplaced })).toEqual([
    "12 rows have a v beyond the ends of the map (85.05°) and are not shown.",
  ]);
});

it("tells rows without a value from rows without a place", () => {
  const quantity = valueQuantity("Mean of fare", "ratio", ["sum"]);
  const unplaced = { ...NONE, valueMissing: 7, valueInfinite: 1 };
  expect(unplacedSentences({ ...shown, quantity, unplaced })).toEqual([
    "7 rows have no fare and are only counted as rows.",
    "1 row has an infinite fare that is left out.",
  ]);
});

it("says nothing where every row has a place, or nothing is known", () => {
  expect(unplacedSentences({ ...shown, unplaced: NONE })).toEqual([]);
  expect(unplacedSentences({ ...shown, unplaced: null })).toEqual([]);
});

it("counts the rows that have a place", () => {
  expect(placedRows(10, null)).toBe(10);
  expect(
    placedRows(10, {
      missing: 1,
      infinite: 2,
      outOfRange: 3,
      valueMissing: 4,
      valueInfinite: 5,
      notOnScale: 6,
    }),
  ).toBe(-2);
});
