/** Cells that lie under a viewport: their values for the colour range, their sums for the summary. */
import { finish, rowsOf } from "./finishers.ts";
import type { GridPiece } from "./piece.ts";
import type { Quantity } from "./quantity.ts";
import type { Sample } from "./scale.ts";
import type { Extent } from "./viewport.ts";

/** Cells of a piece that touch an extent: columns c0…c1 and rows r0…r1, the ends not included. */
export interface Window {
  readonly c0: number;
  readonly c1: number;
  readonly r0: number;
  readonly r1: number;
}

export function windowOf(piece: GridPiece, extent: Extent): Window {
  const column = (x: number) => ((x - piece.extent.x0) / (piece.extent.x1 - piece.extent.x0)) * piece.width;
  const row = (y: number) => ((y - piece.extent.y0) / (piece.extent.y1 - piece.extent.y0)) * piece.height;
  return {
    c0: clamp(Math.floor(column(extent.x0)), piece.width),
    c1: clamp(Math.ceil(column(extent.x1)), piece.width),
    r0: clamp(Math.floor(row(extent.y0)), piece.height),
    r1: clamp(Math.ceil(row(extent.y1)), piece.height),
  };
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}

export interface Visible {
  /** Null when no cell holds a finite number. */
  readonly sample: Sample | null;
  /** Cells under the viewport, empty ones included. */
  readonly cells: number;
  /** Those that hold something. */
  readonly filled: number;
}

export function visible(pieces: readonly GridPiece[], extent: Extent, quantity: Quantity): Visible {
  const windows = pieces.map((piece) => windowOf(piece, extent));
  const cells = windows.reduce(
    (sum, { c0, c1, r0, r1 }) => sum + Math.max(0, c1 - c0) * Math.max(0, r1 - r0),
    0,
  );
  const zeroIsEmpty = quantity.empty === "zero";
  const values = new Float64Array(cells);
  let filled = 0;
  let found = 0;
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  pieces.forEach((piece, index) => {
    const source = finish(piece, quantity);
    const window = windows[index];
    if (!source || !window) return;
    for (let row = window.r0; row < window.r1; row += 1) {
      const end = row * piece.width + window.c1;
      for (let i = row * piece.width + window.c0; i < end; i += 1) {
        const value = source[i] as number;
        // An empty cell: zero rows, or NaN which differs from itself.
        if (zeroIsEmpty ? value === 0 : value !== value) continue;
        filled += 1;
        // A sum may leave float64; it has the colour of the greatest, and no part in the range.
        if (value === Infinity || value === -Infinity) continue;
        values[found] = value;
        found += 1;
        if (value < lo) lo = value;
        if (value > hi) hi = value;
      }
    }
  });
  return {
    cells,
    filled,
    sample: found > 0 ? { values: values.subarray(0, found), integers: quantity.integer, lo, hi } : null,
  };
}

/** Rows under the viewport (of whole cells) and the cell that holds most of them. */
export function crowd(
  pieces: readonly GridPiece[],
  extent: Extent,
): { rows: number; densest: Densest | null } {
  let rows = 0;
  let densest: Densest | null = null;
  for (const piece of pieces) {
    const source = rowsOf(piece);
    if (!source) continue;
    const { c0, c1, r0, r1 } = windowOf(piece, extent);
    for (let row = r0; row < r1; row += 1) {
      for (let column = c0; column < c1; column += 1) {
        const here = source[row * piece.width + column] as number;
        rows += here;
        if (here > (densest?.rows ?? 0)) densest = { rows: here, piece, column, row };
      }
    }
  }
  return { rows, densest };
}

export interface Densest {
  readonly rows: number;
  readonly piece: GridPiece;
  readonly column: number;
  readonly row: number;
}

/** Extent of one cell. */
export function cellExtent(piece: GridPiece, column: number, row: number): Extent {
  const { x0, x1, y0, y1 } = piece.extent;
  const width = (x1 - x0) / piece.width;
  const height = (y1 - y0) / piece.height;
  return {
    x0: x0 + column * width,
    x1: x0 + (column + 1) * width,
    y0: y0 + row * height,
    y1: y0 + (row + 1) * height,
  };
}

/** The topmost piece over a point of data space, and its cell there. */
export function cellAt(
  layers: readonly GridPiece[],
  x: number,
  y: number,
): { piece: GridPiece; column: number; row: number } | null {
  const piece = layers.findLast(
    ({ extent }) => extent.x0 <= x && x < extent.x1 && extent.y0 <= y && y < extent.y1,
  );
  if (!piece) return null;
  const { extent, width, height } = piece;
  const column = Math.floor(((x - extent.x0) / (extent.x1 - extent.x0)) * width);
  const row = Math.floor(((y - extent.y0) / (extent.y1 - extent.y0)) * height);
  return { piece, column: Math.min(column, width - 1), row: Math.min(row, height - 1) };
}
