/** Draws lone cells larger. Done once for each texture, so that frames cost nothing. */
import { type Growth, isAlone, markOf } from "../model/marks.ts";
import type { Cells } from "../model/piece.ts";
import type { Texels } from "./gl.ts";

/**
 * A copy in which every filled cell that is alone among `rows` is as many cells larger as `growth` says. No cell that holds
 * rows changes. RGBA colours in `mix` go with their cells.
 */
export function grown(
  cells: Texels,
  empty: number,
  rows: Cells,
  size: { width: number; height: number },
  growth: Growth,
  mix: Uint8Array<ArrayBuffer> | null,
): { cells: Texels; mix: Uint8Array<ArrayBuffer> | null } {
  const out = cells.slice();
  const colours = mix?.slice() ?? null;
  for (let i = 0; i < cells.length; i += 1) {
    if (cells[i] === empty || !isAlone(rows, size, i, growth)) continue;
    for (const at of markOf(size.width, i, growth)) {
      out[at] = cells[i] as number;
      if (mix && colours) colours.set(mix.subarray(4 * i, 4 * i + 4), 4 * at);
    }
  }
  return { cells: out, mix: colours };
}
