import * as fc from "fast-check";
import { expect, it } from "vitest";
import { withoutCategories } from "./categories.ts";
import { growthOf, isAlone, markOf, markSize, ownerOf } from "./marks.ts";
import { pieceOf } from "./testing.ts";

const SIZE = { width: 12, height: 9 };
const VIEW = { x0: 0, x1: 12, y0: 0, y1: 9 };

function pieceWith(counts: readonly number[]) {
  const cells = Uint8Array.from(counts);
  return pieceOf({ id: "a", extent: VIEW, ...SIZE, planes: [{ role: "count", category: 0, cells }] });
}

it("grows by what a cell lacks on screen to be as large as a mark", () => {
  const piece = pieceWith([]);
  const grow = (pixels: number, canvas: { width: number; height: number }) =>
    growthOf(piece, markSize(VIEW, canvas, pixels));
  // Cells of 1 × 1, 1.5 × 1 and 40 × 2 device pixels.
  expect(grow(3, { width: 12, height: 9 })).toEqual({ x: 2, y: 2 });
  expect(grow(3, { width: 18, height: 9 })).toEqual({ x: 1, y: 2 });
  expect(grow(3, { width: 480, height: 18 })).toEqual({ x: 0, y: 1 });
  expect(growthOf(piece, null)).toEqual({ x: 0, y: 0 });
});

it("marks cover no other cell, no seam and no other mark, and each place of a mark belongs to its cell", () => {
  const counts = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 3), { minLength: 108, maxLength: 108 });
  fc.assert(
    fc.property(counts, fc.nat(4), fc.nat(4), (values, x, y) => {
      const growth = { x, y };
      const piece = pieceWith(values);
      const rows = Uint8Array.from(values);
      const owners = new Map<number, number>();
      values.forEach((value, cell) => {
        if (value === 0 || !isAlone(rows, SIZE, cell, growth)) return;
        const covered = [...markOf(SIZE.width, cell, growth)];
        expect(covered).toContain(cell);
        const columns = covered.map((at) => at % SIZE.width);
        expect(Math.max(...columns) - Math.min(...columns)).toBe(x);
        for (const at of covered) {
          expect(at >= 0 && at < values.length && (at === cell || values[at] === 0)).toBe(true);
          expect(owners.has(at)).toBe(false);
          owners.set(at, cell);
        }
      });
      values.forEach((_value, at) => expect(ownerOf(piece, rows, at, growth)).toBe(owners.get(at) ?? at));
    }),
    { numRuns: 200 },
  );
});

it("takes rows of categories that are left out for rows", () => {
  const empty = [0, 0, 0, 0, 0];
  const planes = [
    { role: "category", category: 0, cells: Uint8Array.of(...empty, 0, 0, 1, 0, 0, ...empty) },
    { role: "category", category: 1, cells: Uint8Array.of(...empty, 0, 0, 0, 1, 0, ...empty) },
  ] as const;
  const piece = pieceOf({ id: "a", width: 5, height: 3, planes });
  const shown = withoutCategories(piece, [1], [[9, 9, 9]]);
  expect(ownerOf(shown, shown.total, 6, { x: 2, y: 0 })).toBe(6);
  expect(ownerOf({ ...shown, whole: shown }, shown.total, 6, { x: 2, y: 0 })).toBe(7);
});
