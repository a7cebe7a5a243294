import { expect, it } from "vitest";
import type { GridPlane } from "../model/piece.ts";
import { byCategory, pieceOf, ROWS, valueQuantity } from "../model/testing.ts";
import { CATEGORY_COLOURS } from "./colours.ts";
import { barsOf, isEmptyBin, rangeOf } from "./bars.ts";

const VIEW = { x0: 0, x1: 3, y0: 0, y1: 1 };
const extent = { x0: 0, x1: 3, y0: 0, y1: 1 };
const planes: readonly GridPlane[] = [
  { role: "category", category: 0, cells: Uint8Array.of(1, 0, 4) },
  { role: "category", category: 1, cells: Uint8Array.of(2, 0, 3) },
];
const counted = pieceOf({ id: "a", extent, width: 3, planes });

it("spans negative numbers, and leaves bins without a value as gaps", () => {
  const values: readonly GridPlane[] = [
    { role: "valid", category: 0, cells: Uint8Array.of(1, 0, 1) },
    { role: "min", category: 0, cells: Int8Array.of(-4, 0, 3) },
  ];
  const least = valueQuantity("Minimum of v", "identity", ["min"]);
  const bars = barsOf([pieceOf({ id: "b", extent, width: 3, planes: values })], least);
  expect(rangeOf(bars, VIEW)).toEqual({ top: 3, bottom: -4 });
  const heights = Array.from(bars[0]?.stacks[0]?.heights ?? []);
  expect(heights.map((height) => isEmptyBin(height, bars[0]?.zeroIsEmpty ?? true))).toEqual([
    false,
    true,
    false,
  ]);
});

it("makes room for the intervals about means, of which a lone value has none", () => {
  const values: readonly GridPlane[] = [
    { role: "valid", category: 0, cells: Uint8Array.of(4, 1, 2) },
    { role: "sum", category: 0, cells: Float64Array.of(4, -1, 2) },
    { role: "squares", category: 0, cells: Float64Array.of(12, 0, 0) },
  ];
  const piece = pieceOf({ id: "b", extent, width: 3, planes: values });
  const mean = valueQuantity("Mean of v", "ratio", ["sum"], { interval: "mean95" });
  const [bars] = barsOf([piece], mean);
  // The standard deviation of four values is 2.
  expect([0, 1, 2].map((bin) => bars?.intervalOf(bin))).toEqual([[1 - 1.96, 1 + 1.96], null, [1, 1]]);
  expect(rangeOf(bars ? [bars] : [], VIEW)).toEqual({ top: 2.96, bottom: -1 });
  expect(barsOf([piece], { ...mean, interval: undefined } as never)[0]?.intervalOf(0)).toBeNull();
});

it("stacks the rows of categories in their colours", () => {
  const [bars] = barsOf([counted], byCategory("c"));
  expect(bars?.stacks.map(({ heights, colourAt }) => [heights[2], colourAt(2)])).toEqual([
    [4, CATEGORY_COLOURS[0]],
    [3, CATEGORY_COLOURS[1]],
  ]);
  expect(rangeOf(bars ? [bars] : [], VIEW)).toEqual({ top: 7, bottom: 0 });
});

it("colours the rows of a bin by the most frequent category", () => {
  const [bars] = barsOf([counted], valueQuantity("Most frequent c", "mode", ["category"], { category: "c" }));
  const [stack] = bars?.stacks ?? [];
  expect(Array.from(stack?.heights ?? [])).toEqual([3, 0, 7]);
  expect([stack?.colourAt(0), stack?.colourAt(2)]).toEqual([CATEGORY_COLOURS[1], CATEGORY_COLOURS[0]]);
  expect(stack?.colourAt(1)).toBeNull();
});

it("has no bars where every bin is empty", () => {
  const nothing = pieceOf({ id: "n", planes: [{ role: "count", category: 0, cells: null }] });
  expect(barsOf([nothing], ROWS)[0]?.stacks).toEqual([]);
});
