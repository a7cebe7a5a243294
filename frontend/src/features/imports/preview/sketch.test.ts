import { expect, test } from "vitest";
import { lookupTable } from "../../../renderers/colours.ts";
import { barCells, sketchHeight, sketchPixels } from "./sketch.ts";

const table = lookupTable("viridis", false);
const colour = (step: number) => [...table.subarray(step * 4, step * 4 + 4)];

test("the bottom row of counts is the bottom row of pixels; no rows, no colour", () => {
  const pixels = sketchPixels({ width: 2, height: 2, counts: [0, 1, 3, 0] }, table);
  const at = (column: number, row: number) => [
    ...pixels.subarray((row * 2 + column) * 4, (row * 2 + column) * 4 + 4),
  ];
  expect(at(0, 0)).toEqual(colour(255));
  expect(at(1, 1)).toEqual(colour(Math.round((Math.log1p(1) / Math.log1p(3)) * 255)));
  expect([at(1, 0), at(0, 1)]).toEqual([
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ]);
});

test("bars are as high as their counts say", () => {
  const { height, counts } = barCells({ width: 2, counts: [1, 4] });
  expect(height).toBe(sketchHeight({ y: null, height: 1 }));
  const heightOf = (column: number) => counts.filter((rows, cell) => cell % 2 === column && rows > 0).length;
  expect([heightOf(0), heightOf(1)]).toEqual([25, 100]);
  expect(barCells({ width: 1, counts: [0] }).counts).not.toContain(1);
  expect(sketchHeight({ y: "v", height: 7 })).toBe(7);
});

test("a sample without rows has no colours", () => {
  expect([...sketchPixels({ width: 1, height: 1, counts: [0] }, table)]).toEqual([0, 0, 0, 0]);
});
