import { expect, it } from "vitest";
import { grown } from "./grow.ts";

const SIZE = { width: 5, height: 3 };
const cells = (...filled: readonly [number, number][]) => {
  const out = new Uint8Array(15);
  for (const [at, value] of filled) out[at] = value;
  return out;
};

it("makes a lone row a square around its cell, and none where another is near or the piece ends", () => {
  const shown = (counts: Uint8Array<ArrayBuffer>, x: number, y: number) => [
    ...grown(counts, 0, counts, SIZE, { x, y }, null).cells,
  ];
  expect(shown(cells([7, 5]), 2, 2)).toEqual([0, 5, 5, 5, 0, 0, 5, 5, 5, 0, 0, 5, 5, 5, 0]);
  expect(shown(cells([7, 5]), 1, 0)).toEqual([...cells([7, 5], [8, 5])]);
  for (const crowded of [cells([7, 5], [9, 1]), cells([1, 5])])
    expect(shown(crowded, 2, 1)).toEqual([...crowded]);
});

it("leaves cells alone that hold rows without a value", () => {
  const values = new Float32Array(15).fill(-3e38);
  values[6] = 2;
  const shown = (rows: Uint8Array<ArrayBuffer>) => [
    ...grown(values, values[0] as number, rows, SIZE, { x: 1, y: 0 }, null).cells,
  ];
  expect(shown(cells([6, 1], [7, 1]))).toEqual([...values]);
  expect(shown(cells([6, 1]))[7]).toBe(2);
});

it("takes colours along, and leaves its input alone", () => {
  const values = cells([7, 1]);
  const mix = new Uint8Array(60);
  mix.set([1, 2, 3, 255], 28);
  const shown = grown(values, 0, values, SIZE, { x: 1, y: 0 }, mix);
  expect([...(shown.mix ?? [])].slice(24, 40)).toEqual([0, 0, 0, 0, 1, 2, 3, 255, 1, 2, 3, 255, 0, 0, 0, 0]);
  expect([mix[32], values[8]]).toEqual([0, 0]);
});
