/** The first picture of a file: from counts of cells to pixels. */
import { LUT_STEPS } from "../../../renderers/colours.ts";
import type { Sketch } from "./preview.ts";

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
