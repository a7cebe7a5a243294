import { expect, it } from "vitest";
import { categoryLabel, mixCategories, modeLabel, placeColours, withoutCategories } from "./categories.ts";
import type { Rgb } from "./piece.ts";
import { pieceOf } from "./testing.ts";

const PALETTE: readonly Rgb[] = [
  [200, 0, 0],
  [0, 100, 0],
];
const planes = [
  { role: "category", category: 0, cells: Uint16Array.of(3, 0) },
  { role: "category", category: 1, cells: Uint16Array.of(1, 5) },
] as const;
const piece = { ...pieceOf({ id: "a", planes }), width: 2, height: 1, ...mixCategories(planes, 2, PALETTE) };

it("leaves rows, colours and planes of hidden categories out, and keeps the whole piece", () => {
  const shown = withoutCategories(piece, [1], PALETTE);
  expect([...(shown.total ?? [])]).toEqual([3, 0]);
  expect([...(shown.mix ?? [])]).toEqual([200, 0, 0, 255, 0, 0, 0, 0]);
  expect(shown.planes).toEqual([planes[0]]);
  expect(shown.whole).toBe(piece);
  expect(shown.id).not.toBe(piece.id);
});

it("makes each choice once, and nothing new when all are shown", () => {
  expect(withoutCategories(piece, [], PALETTE)).toBe(piece);
  const first = withoutCategories(piece, [0], PALETTE);
  expect(withoutCategories(piece, [0], PALETTE)).toBe(first);
  expect([...(withoutCategories(piece, [0, 1], PALETTE).total ?? [])]).toEqual([0, 0]);
});

it("knows nothing to hide where rows are not counted by category", () => {
  const plain = pieceOf({ id: "b", planes: [] });
  expect(withoutCategories(plain, [0], PALETTE)).toBe(plain);
});

it("colours cells by the places that they hold", () => {
  expect([...placeColours(Float64Array.of(1, Number.NaN), PALETTE)]).toEqual([0, 100, 0, 255, 0, 0, 0, 0]);
});

it("calls the sixteenth plane of many categories other", () => {
  const many = {
    categories: Array.from({ length: 20 }, (_, i) => ({ label: `c${i}`, count: 1 })),
  };
  expect([categoryLabel(many, 14), categoryLabel(many, 15)]).toEqual(["c14", "other"]);
  expect([modeLabel(many, 14), modeLabel(many, 15)]).toEqual(["c14", "other (not known which)"]);
  expect(categoryLabel(null, 3)).toBe("#4");
});
