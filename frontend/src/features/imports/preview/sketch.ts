/** The first picture of a file: from counts of cells to pixels. */
import { LUT_STEPS } from "../../../renderers/colours.ts";
import type { Sketch } from "./preview.ts";

/** Pixels of the highest bar. */
const BAR_HEIGHT = 100;

/** Rows of pixels: bars are as high as their counts say. */
export function sketchHeight({ y, height }: Pick<Sketch, "y" | "height">): number {
  return y === null ? BAR_HEIGHT : height;
}

/** Bars as cells: one row where a bar is, the lowest row first. */
export function barCells({
  width,
  counts,
}: Pick<Sketch, "width" | "counts">): Pick<Sketch, "width" | "height" | "counts"> {
  const most = counts.reduce((sofar, rows) => Math.max(sofar, rows), 1);
  const cells = Array.from({ length: width * BAR_HEIGHT }, (_, cell) => {
    const rows = counts[cell % width] ?? 0;
    return Math.floor(cell / width) < Math.ceil((rows / most) * BAR_HEIGHT) ? 1 : 0;
  });
  return { width, height: BAR_HEIGHT, counts: cells };
}

/** RGBA, the top row first. A cell's colour grows with the logarithm of its rows; a cell without rows is transparent. */
export function sketchPixels(
  { width, height, counts }: Pick<Sketch, "width" | "height" | "counts">,
  table: Uint8Array,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(width * height * 4);
  let most = 0;
  for (const rows of counts) most = Math.max(most, rows);
  const scale = most > 0 ? (LUT_STEPS - 1) / Math.log1p(most) : 0;
  counts.forEach((rows, cell) => {
    if (rows === 0) return;
    const step = Math.round(Math.log1p(rows) * scale) * 4;
    const row = height - 1 - Math.floor(cell / width);
    pixels.set(table.subarray(step, step + 4), (row * width + (cell % width)) * 4);
  });
  return pixels;
}
