import { expect, it } from "vitest";
import { CATEGORY_COLOURS, COLOUR_MAPS, cssGradient, lookupTable, rgbFrom } from "./colours.ts";

it("has 256 opaque steps for each map, and the other way round when reversed", () => {
  for (const name of Object.keys(COLOUR_MAPS)) {
    const table = lookupTable(name, false);
    const reversed = lookupTable(name, true);
    expect(table).toHaveLength(1024);
    expect(reversed.subarray(0, 4)).toEqual(table.subarray(1020));
    expect(table.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
  }
});

it("ends viridis in yellow and starts it above black", () => {
  const table = lookupTable("viridis", false);
  expect([...table.subarray(1020, 1023)]).toEqual([253, 231, 37]);
  expect(Math.max(...table.subarray(0, 3))).toBeGreaterThan(80);
});

it("gives every category its own colour", () => {
  expect(new Set(CATEGORY_COLOURS.map(String)).size).toBe(16);
});

it("reads the two ways in which colours are written", () => {
  expect([rgbFrom("#0a10ff"), rgbFrom("rgb(1, 2, 3)")]).toEqual([
    [10, 16, 255],
    [1, 2, 3],
  ]);
  expect(cssGradient("viridis", false)).toMatch(/^linear-gradient\(to right, rgb\(\d+ \d+ \d+\)/);
});
