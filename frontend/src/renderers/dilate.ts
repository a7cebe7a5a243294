/** Makes marks larger: filled cells spread over empty neighbours. Done once for each texture, so frames cost nothing. */
import type { Texels } from "./gl.ts";

/**
 * A copy in which every filled cell is a square of 1 + `grow` cells, pushed inward at the edges. Filled cells keep
 * their value; where squares overlap, the greater value shows. RGBA colours in `mix` spread with their cells.
 */
export function dilate(
  cells: Texels,
  size: { width: number; height: number },
  grow: number,
  empty: number,
  mix: Uint8Array<ArrayBuffer> | null,
): { cells: Texels; mix: Uint8Array<ArrayBuffer> | null } {
  const { width, height } = size;
  const out = cells.slice();
  const colours = mix?.slice() ?? null;
  for (let i = 0; i < cells.length; i += 1) {
    const value = cells[i] as number;
    if (value === empty) continue;
    const left = Math.max(0, Math.min(i % width, width - 1 - grow));
    const low = Math.max(0, Math.min(Math.floor(i / width), height - 1 - grow));
    const right = Math.min(width - 1, left + grow);
    const high = Math.min(height - 1, low + grow);
    for (let row = low; row <= high; row += 1) {
      for (let at = row * width + left; at <= row * width + right; at += 1) {
        const shown = out[at] as number;
        if (cells[at] !== empty || (shown !== empty && shown >= value)) continue;
        out[at] = value;
        if (mix && colours) colours.set(mix.subarray(4 * i, 4 * i + 4), 4 * at);
      }
    }
  }
  return { cells: out, mix: colours };
}
