import { describe, expect, it } from "vitest";
import { finish, growsWithArea, isWithinColumn, quantityOf, type Reduction } from "./finish.ts";
import type { GridPlane } from "./piece.ts";
import { pieceOf } from "./testing.ts";

const planes: readonly GridPlane[] = [
  { role: "count", category: 0, cells: Uint8Array.of(3, 0, 2) },
  { role: "valid", category: 0, cells: Uint8Array.of(2, 0, 0) },
  { role: "sum", category: 0, cells: Float64Array.of(5, 0, 0) },
  { role: "min", category: 0, cells: Int16Array.of(-4, 0, 0) },
  { role: "max", category: 0, cells: null },
  { role: "squares", category: 0, cells: Float64Array.of(24.5, 0, 0) },
];
const piece = pieceOf({ id: "a", width: 3, planes });
const values = (reduction: Reduction) => Array.from(finish(piece, reduction).cells ?? []);

describe("reductions", () => {
  it("are made of the planes as Datashader makes them: empty is 0 rows or NaN", () => {
    expect(values("count")).toEqual([3, 0, 2]);
    expect(values("any")).toEqual([1, 0, 1]);
    expect(values("sum")).toEqual([5, Number.NaN, Number.NaN]);
    expect(values("mean")).toEqual([2.5, Number.NaN, Number.NaN]);
    expect(values("min")).toEqual([-4, Number.NaN, Number.NaN]);
    expect(values("var")).toEqual([12.25, Number.NaN, Number.NaN]);
    expect(values("std")).toEqual([3.5, Number.NaN, Number.NaN]);
  });

  it("know that a plane without bytes is zero where there are rows", () => {
    expect(values("max")).toEqual([0, Number.NaN, Number.NaN]);
  });

  it("are empty when a piece is", () => {
    const empty = pieceOf({ id: "b", planes: [{ role: "count", category: 0, cells: null }] });
    expect(finish(empty, "count")).toEqual({ counts: true, cells: null });
    expect(finish(empty, "any").cells ?? null).toBeNull();
    expect(finish(empty, "mean").cells).toBeNull();
  });

  it("are made once", () => {
    expect(finish(piece, "mean")).toBe(finish(piece, "mean"));
  });
});

it("reads the quantity from the options", () => {
  expect(quantityOf({}).reduction).toBe("count");
  expect(quantityOf({ reduction: "max", value: "v" })).toEqual({
    reduction: "max",
    value: "v",
    category: "",
  });
  expect(quantityOf({ reduction: "count", category: "c" }).reduction).toBe("categories");
  expect(growsWithArea(quantityOf({ reduction: "mean" }))).toBe(false);
  expect(growsWithArea(quantityOf({ reduction: "sum" }))).toBe(true);
  expect(growsWithArea(quantityOf({ reduction: "std" }))).toBe(false);
});

it.each([
  ["mean", true],
  ["min", true],
  ["max", true],
  ["count", false],
  ["sum", false],
  ["std", false],
  ["var", false],
])("knows whether a %s lies among the values of its column", (reduction, within) => {
  expect(isWithinColumn(quantityOf({ reduction, value: "v" }))).toBe(within);
});
