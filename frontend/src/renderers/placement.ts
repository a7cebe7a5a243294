/** Where a piece lies on the canvas. */
import type { Extent } from "../model/viewport.ts";

export interface Placement {
  /** x0, y0, x1, y1 in clip space. */
  readonly clip: readonly [number, number, number, number];
  /** Lower left corner on the canvas in device pixels, the share of the piece that lies there, shares per pixel. */
  readonly pixel: readonly [number, number];
  readonly at: readonly [number, number];
  readonly step: readonly [number, number];
}

/**
 * Where the visible part of a piece lies. All of it in float64 and relative to the canvas, because data
 * coordinates (microseconds since 1970) do not fit the float32 of a shader.
 */
export function placement(
  piece: Extent,
  viewport: Extent,
  canvas: { width: number; height: number },
): Placement | null {
  const x = placeAxis(piece.x0, piece.x1, viewport.x0, viewport.x1, canvas.width);
  const y = placeAxis(piece.y0, piece.y1, viewport.y0, viewport.y1, canvas.height);
  if (!x || !y) return null;
  return {
    clip: [x.clip[0], y.clip[0], x.clip[1], y.clip[1]],
    pixel: [x.pixel, y.pixel],
    at: [x.at, y.at],
    step: [x.step, y.step],
  };
}

function placeAxis(lo: number, hi: number, from: number, to: number, pixels: number) {
  const start = Math.max(lo, from);
  const end = Math.min(hi, to);
  if (end <= start) return null;
  const a = (start - from) / (to - from);
  const b = (end - from) / (to - from);
  return {
    clip: [a * 2 - 1, b * 2 - 1] as const,
    pixel: a * pixels,
    at: (start - lo) / (hi - lo),
    // The quotient first: a pixel of the narrowest ranges is no float64.
    step: (to - from) / (hi - lo) / pixels,
  };
}
