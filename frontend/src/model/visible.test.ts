import { expect, it } from "vitest";
import { pieceOf, ROWS, valueQuantity } from "./testing.ts";
import { cellAt, cellExtent, crowd, visible, windowOf } from "./visible.ts";

const EXTENT = { x0: 0, x1: 4, y0: 0, y1: 2 };
const piece = pieceOf({
  id: "a",
  extent: EXTENT,
  width: 4,
  height: 2,
  planes: [{ role: "count", category: 0, cells: Uint8Array.of(1, 2, 0, 4, 0, 6, 7, 0) }],
});

it("looks at the cells that touch the viewport only", () => {
  const view = { x0: 1.5, x1: 3, y0: 0.5, y1: 9 };
  expect(windowOf(piece, view)).toEqual({ c0: 1, c1: 3, r0: 0, r1: 2 });
  const { sample, cells } = visible([piece], view, ROWS);
  expect(cells).toBe(4);
  expect([...(sample?.values ?? [])]).toEqual([2, 6, 7]);
  expect(sample).toMatchObject({ integers: true, lo: 2, hi: 7 });
});

it("finds nothing where there is nothing", () => {
  const away = { x0: 100, x1: 101, y0: 0, y1: 1 };
  expect(visible([piece], away, ROWS)).toEqual({ cells: 0, filled: 0, sample: null });
  expect(crowd([piece], away)).toEqual({ rows: 0, densest: null });
});

it("leaves empty cells of a mean out", () => {
  const planes = [
    { role: "valid", category: 0, cells: Uint8Array.of(1, 0) },
    { role: "sum", category: 0, cells: Float64Array.of(0, 0) },
  ] as const;
  const { sample } = visible(
    [pieceOf({ id: "b", planes })],
    EXTENT,
    valueQuantity("Mean of v", "ratio", ["sum"]),
  );
  expect(sample).toMatchObject({ integers: false, lo: 0, hi: 0 });
  expect(sample?.values).toHaveLength(1);
});

it("counts rows and finds the fullest cell", () => {
  const { rows, densest } = crowd([piece], EXTENT);
  expect(rows).toBe(20);
  expect(densest).toMatchObject({ rows: 7, column: 2, row: 1 });
  expect(cellExtent(piece, 2, 1)).toEqual({ x0: 2, x1: 3, y0: 1, y1: 2 });
});

it("finds the cell of a point, with half-open edges", () => {
  expect(cellAt([piece], 3.999, 1)).toMatchObject({ column: 3, row: 1 });
  expect(cellAt([piece], 4, 1)).toBeNull();
  expect(cellAt([piece], 0, 0)).toMatchObject({ column: 0, row: 0 });
});
