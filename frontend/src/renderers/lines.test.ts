import { expect, it } from "vitest";
import type { GridPiece, GridPlane } from "../model/piece.ts";
import { pieceOf, valueQuantity } from "../model/testing.ts";
import { stretchesOf, spanOf, walk } from "./lines.ts";
import type { Quantity } from "../model/quantity.ts";

const EVERY = valueQuantity("Every value of v", "span", ["earliest", "latest", "min", "max"], {
  withinValue: true,
});
const MEAN = valueQuantity("Mean of v", "ratio", ["sum"], { withinValue: true });
const NONE = Number.NaN;

/** Columns one long from `x0` on. */
function spans(id: string, x0: number, columns: readonly (readonly number[])[], category = 0): GridPiece {
  const [rows, valid, earliest, latest, min, max] = [0, 1, 2, 3, 4, 5].map((place) =>
    Float64Array.from(columns, (column) => column[place] ?? 0),
  );
  const extent = { x0, x1: x0 + columns.length, y0: 0, y1: 1 };
  const planes = Object.entries({ count: rows, valid, earliest, latest, min, max }).map(
    ([role, cells]) => ({ role, category, cells }) as GridPlane,
  );
  return pieceOf({ id, extent, width: columns.length, planes });
}

function walked(layers: readonly GridPiece[], quantity: Quantity = EVERY) {
  const columns: number[][] = [];
  const joins: number[][] = [];
  walk(stretchesOf(layers), quantity, {
    column: (...column) => void columns.push(column),
    join: (...join) => void joins.push(join),
  });
  return { columns, joins };
}

const A = [2, 2, 1, 3, 0, 4];
const B = [1, 1, 7, 7, 7, 7];
const EMPTY: readonly number[] = [];
const MISSING = [1, 0, NONE, NONE, 0, 0];

it("joins columns with values over columns and pieces without rows", () => {
  const { columns, joins } = walked([spans("a", 0, [A, EMPTY]), spans("b", 2, [EMPTY, B])]);
  expect(columns).toEqual([
    [0, 1, 0, 4, 0, 4],
    [3, 4, 7, 7, 7, 7],
  ]);
  expect(joins).toEqual([[0.5, 3, 3.5, 7]]);
});

it("breaks a line where a value is missing, or nothing is known", () => {
  expect(walked([spans("a", 0, [A, MISSING, B])]).joins).toEqual([]);
  expect(walked([spans("a", 0, [[2, 1, 1, NONE, 1, 1], B])]).joins).toEqual([]);
  expect(walked([spans("a", 0, [A, [2, 1, NONE, 1, 1, 1], B])]).joins).toEqual([[1.5, 1, 2.5, 7]]);
  expect(walked([spans("a", 0, [A]), spans("b", 5, [B])]).joins).toEqual([]);
});

it("sees the topmost piece at each place", () => {
  const coarse = spans("c", 0, [A, A, A, A]);
  const stretches = stretchesOf([coarse, spans("f", 1, [B, B])]);
  expect(stretches.map(({ piece, c0, c1 }) => [piece.id, c0, c1])).toEqual([
    ["c", 0, 1],
    ["f", 0, 2],
    ["c", 3, 4],
  ]);
  expect(walked([coarse, spans("f", 1, [B, B])]).joins).toHaveLength(3);
  expect(stretchesOf([])).toEqual([]);
});

it("has a band about a number within the values, and spans it where it is in view", () => {
  const planes: readonly GridPlane[] = [
    { role: "count", category: 0, cells: Uint8Array.of(2, 1, 1) },
    { role: "valid", category: 0, cells: Uint8Array.of(2, 0, 1) },
    { role: "sum", category: 0, cells: Float64Array.of(4, 0, 9) },
    { role: "min", category: 0, cells: Int8Array.of(-1, 0, 9) },
    { role: "max", category: 0, cells: Int8Array.of(5, 0, 9) },
  ];
  const piece = pieceOf({ id: "m", extent: { x0: 0, x1: 3, y0: 0, y1: 1 }, width: 3, planes });
  expect(walked([piece], MEAN)).toEqual({
    columns: [
      [0, 1, 2, 2, -1, 5],
      [2, 3, 9, 9, 9, 9],
    ],
    joins: [],
  });
  const view = { x0: 0, x1: 1.5, y0: 0, y1: 1 };
  expect(spanOf(stretchesOf([piece]), [MEAN], view)).toEqual({ top: 5, bottom: -1 });
  expect(spanOf(stretchesOf([piece]), [MEAN], { ...view, x0: 1.2 })).toBeNull();
  expect(spanOf(stretchesOf([piece]), [{ ...MEAN, withinValue: false }], view)).toEqual({
    top: 2,
    bottom: 2,
  });
});

it("leaves the line its shape where the band has far values", () => {
  const planes: readonly GridPlane[] = [
    { role: "count", category: 0, cells: Uint8Array.of(2, 2) },
    { role: "valid", category: 0, cells: Uint8Array.of(2, 2) },
    { role: "sum", category: 0, cells: Float64Array.of(2, 6) },
    { role: "min", category: 0, cells: Int16Array.of(0, 0) },
    { role: "max", category: 0, cells: Int16Array.of(2, 900) },
  ];
  const piece = pieceOf({ id: "o", planes });
  const view = { x0: 0, x1: 2, y0: 0, y1: 1 };
  expect(spanOf(stretchesOf([piece]), [MEAN], view)).toEqual({ top: 5, bottom: 0 });
});

it("draws each category by its own rows", () => {
  const extent = { x0: 0, x1: 2, y0: 0, y1: 1 };
  const lane = (category: number, value: number): GridPlane[] =>
    (["category", "valid", "earliest", "latest", "min", "max"] as const).map((role) => ({
      role,
      category,
      cells: Float64Array.of(...(role === "category" || role === "valid" ? [1, 1] : [value, value])),
    }));
  const piece = pieceOf({ id: "k", extent, planes: [...lane(0, 3), ...lane(1, 8)] });
  expect(walked([piece], { ...EVERY, category: "c", place: 1 }).joins).toEqual([[0.5, 8, 1.5, 8]]);
});
