/** Where a piece lies on the canvas. */
import type { Extent } from "../model/viewport.ts";

export interface Placement {
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
    pixel: [x.pixel, y.pixel],
    at: [x.at, y.at],
    step: [x.step, y.step],
  };
}

/** x0, y0, x1, y1 of a part of the viewport in clip space. */
export function clipOf(part: Extent, { x0, x1, y0, y1 }: Extent): [number, number, number, number] {
  const at = (value: number, from: number, to: number) => ((value - from) / (to - from)) * 2 - 1;
  return [at(part.x0, x0, x1), at(part.y0, y0, y1), at(part.x1, x0, x1), at(part.y1, y0, y1)];
}

function placeAxis(lo: number, hi: number, from: number, to: number, pixels: number) {
  const start = Math.max(lo, from);
  const end = Math.min(hi, to);
  if (end <= start) return null;
  return {
    pixel: ((start - from) / (to - from)) * pixels,
    at: (start - lo) / (hi - lo),
    // The quotient first: a pixel of the narrowest ranges is no float64.
    step: (to - from) / (hi - lo) / pixels,
  };
}
