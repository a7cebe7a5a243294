import { describe, expect, it } from "vitest";
import { finish, finishKey } from "./finishers.ts";
import type { GridPlane } from "./piece.ts";
import { atPlace, type Quantity } from "./quantity.ts";
import { ANY, byCategory, pieceOf, ROWS, valueQuantity } from "./testing.ts";

const planes: readonly GridPlane[] = [
  { role: "count", category: 0, cells: Uint8Array.of(3, 0, 2) },
  { role: "valid", category: 0, cells: Uint8Array.of(2, 0, 0) },
  { role: "sum", category: 0, cells: Float64Array.of(5, 0, 0) },
  { role: "min", category: 0, cells: Int16Array.of(-4, 0, 0) },
  { role: "max", category: 0, cells: null },
  { role: "squares", category: 0, cells: Float64Array.of(24.5, 0, 0) },
];
const piece = pieceOf({ id: "a", width: 3, planes });
const values = (quantity: Quantity) => Array.from(finish(piece, quantity) ?? []);
const MEAN = valueQuantity("Mean of v", "ratio", ["sum"]);

describe("finishers", () => {
  it("make numbers as Datashader makes them: empty is 0 rows or NaN", () => {
    expect(values(ROWS)).toEqual([3, 0, 2]);
    expect(values(ANY)).toEqual([1, 0, 1]);
    expect(values(valueQuantity("Sum of v", "identity", ["sum"]))).toEqual([5, Number.NaN, Number.NaN]);
    expect(values(MEAN)).toEqual([2.5, Number.NaN, Number.NaN]);
    expect(values(valueQuantity("Minimum of v", "identity", ["min"]))).toEqual([-4, Number.NaN, Number.NaN]);
    expect(values(valueQuantity("Variance of v", "variance", ["squares"]))).toEqual([
      12.25,
      Number.NaN,
      Number.NaN,
    ]);
    expect(values(valueQuantity("Deviation of v", "deviation", ["squares"]))).toEqual([
      3.5,
      Number.NaN,
      Number.NaN,
    ]);
  });

  it("take the second plane from the first", () => {
    const range = valueQuantity("Range of v", "difference", ["max", "min"]);
    expect(values(range)).toEqual([4, Number.NaN, Number.NaN]);
    const missing = valueQuantity("Range of rows", "difference", ["count", "valid"], { empty: "zero" });
    expect(values(missing)).toEqual([1, 0, 2]);
  });

  it("know that a plane without bytes is zero where there are rows", () => {
    expect(values(valueQuantity("Maximum of v", "identity", ["max"]))).toEqual([0, Number.NaN, Number.NaN]);
  });

  it("give an empty cell for a ratio of nothing, whatever says which cells are empty", () => {
    expect(values({ ...MEAN, empty: "zero" })).toEqual([2.5, 0, 0]);
  });

  it("take the planes of the category that is shown, or of all rows together", () => {
    const parts: readonly GridPlane[] = [
      { role: "category", category: 0, cells: Uint8Array.of(3, 0) },
      { role: "category", category: 1, cells: Uint8Array.of(1, 2) },
      { role: "valid", category: 0, cells: Uint8Array.of(2, 0) },
      { role: "valid", category: 1, cells: null },
      { role: "valid", category: 2, cells: Uint8Array.of(2, 0) },
      { role: "sum", category: 0, cells: Int8Array.of(6, 0) },
      { role: "sum", category: 1, cells: null },
      { role: "sum", category: 2, cells: Int8Array.of(8, 0) },
    ];
    const by = pieceOf({ id: "d", planes: parts });
    const mean = valueQuantity("Mean of v", "ratio", ["sum"], { category: "c" });
    const shown = (place: number | null) => finish(by, atPlace(mean, place));
    expect([...(shown(0) ?? [])]).toEqual([3, Number.NaN]);
    expect(shown(1)).toBeNull();
    expect([...(shown(null) ?? [])]).toEqual([4, Number.NaN]);
    const any: Quantity = { ...ANY, planes: ["category"], category: "c" };
    expect([...(finish(by, atPlace(any, 1)) ?? [])]).toEqual([1, 1]);
    expect([...(finish(by, atPlace(any, null)) ?? [])]).toEqual([1, 1]);
  });

  it("name the most frequent category, the lower of equal ones", () => {
    const parts: readonly GridPlane[] = [
      { role: "category", category: 0, cells: Uint8Array.of(1, 2, 0) },
      { role: "category", category: 1, cells: Uint8Array.of(3, 2, 0) },
      { role: "category", category: 2, cells: null },
    ];
    const mode = valueQuantity("Most frequent c", "mode", ["category"], { category: "c" });
    expect(atPlace(mode, 1)).toBe(mode);
    const found = finish(pieceOf({ id: "m", width: 3, planes: parts }), mode);
    expect([...(found ?? [])]).toEqual([1, 0, Number.NaN]);
    expect(finish(pieceOf({ id: "n", planes: [] }), mode)).toBeNull();
  });

  it("add categories up", () => {
    const parts = [
      { role: "category", category: 0, cells: Uint16Array.of(3, 0) },
      { role: "category", category: 1, cells: Uint16Array.of(1, 5) },
    ] as const;
    expect(Array.from(finish(pieceOf({ id: "c", planes: parts }), byCategory("c")) ?? [])).toEqual([4, 5]);
  });

  it("are empty when a piece is", () => {
    const empty = pieceOf({ id: "b", planes: [{ role: "count", category: 0, cells: null }] });
    expect(finish(empty, ROWS)).toBeNull();
    expect(finish(empty, ANY)).toBeNull();
    expect(finish(empty, MEAN)).toBeNull();
    expect(finish(empty, valueQuantity("d", "difference", ["max", "min"], { empty: "zero" }))).toBeNull();
  });

  it("are made once, and counts keep their own numbers", () => {
    expect(finish(piece, MEAN)).toBe(finish(piece, { ...MEAN, label: "Average" }));
    expect(finish(piece, ROWS)).toBe(planes[0]?.cells);
    expect(finishKey(MEAN)).not.toBe(finishKey({ ...MEAN, empty: "zero" }));
  });
});
