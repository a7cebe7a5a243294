/** Marks: cells drawn larger than they are, only where nothing else is; the picture and the read-out follow the same rule. */
import { rowsOf } from "./finishers.ts";
import type { Cells, GridPiece } from "./piece.ts";
import type { Extent } from "./viewport.ts";

/** Least width and height of a mark, in data units. */
export interface MarkSize {
  readonly x: number;
  readonly y: number;
}

/** Cells by which a mark is larger than its own cell. */
export interface Growth {
  readonly x: number;
  readonly y: number;
}

export const NO_GROWTH: Growth = { x: 0, y: 0 };

/** A cell within rounding of the size of a mark is as large as it. */
const ROUNDING = 1e-6;

/** Size of a mark of that many pixels. */
export function markSize(
  viewport: Extent,
  canvas: { width: number; height: number },
  pixels: number,
): MarkSize {
  return {
    x: (viewport.x1 - viewport.x0) * (pixels / canvas.width),
    y: (viewport.y1 - viewport.y0) * (pixels / canvas.height),
  };
}

/** How much marks in `piece` grow to be as large as `mark`; null: cells are drawn as they are. */
export function growthOf({ extent, width, height }: GridPiece, mark: MarkSize | null): Growth {
  if (!mark) return NO_GROWTH;
  return {
    x: added((mark.x / (extent.x1 - extent.x0)) * width),
    y: added((mark.y / (extent.y1 - extent.y0)) * height),
  };
}

function added(cells: number): number {
  return Math.max(0, Math.ceil(cells - ROUNDING) - 1);
}

/** Rows of each cell, those of categories that are left out included; null when there are none. */
export function heldRows(piece: GridPiece): Cells | null {
  return rowsOf(piece.whole ?? piece);
}

/**
 * Whether a cell may grow: none of its eight neighbours holds rows, nor any cell that its mark or one that meets it would cover.
 * What lies beyond the edge of the piece is not known here, and counts as taken. So marks overlap neither cells nor each other.
 */
export function isAlone(
  rows: Cells,
  { width, height }: { width: number; height: number },
  at: number,
  growth: Growth,
): boolean {
  const column = at % width;
  const row = Math.floor(at / width);
  if (!isInside(column, width, growth.x) || !isInside(row, height, growth.y)) return false;
  const [x, y] = [Math.max(1, growth.x), Math.max(1, growth.y)];
  const [left, right] = [Math.max(0, column - x), Math.min(width - 1, column + x)];
  for (let other = Math.max(0, row - y); other <= Math.min(height - 1, row + y); other += 1) {
    for (let i = other * width + left; i <= other * width + right; i += 1) {
      if (i !== at && (rows[i] as number) > 0) return false;
    }
  }
  return true;
}

/** The neighbours on both sides, and all of the mark, lie in the piece. */
function isInside(cell: number, cells: number, growth: number): boolean {
  return cell >= Math.max(1, Math.floor(growth / 2)) && cell < cells - Math.max(1, Math.ceil(growth / 2));
}

/** Cells that the mark of the cell at `at` covers: its own in the middle. */
export function* markOf(width: number, at: number, growth: Growth): Generator<number> {
  const first = at - Math.floor(growth.x / 2) - Math.floor(growth.y / 2) * width;
  for (let y = 0; y <= growth.y; y += 1) {
    for (let x = 0; x <= growth.x; x += 1) yield first + y * width + x;
  }
}

/** The cell whose mark covers the cell at `at`: itself unless it is empty and a mark reaches it. */
export function ownerOf(piece: GridPiece, drawn: Cells | null, at: number, growth: Growth): number {
  const rows = heldRows(piece);
  if (!rows || !drawn || (rows[at] as number) > 0 || (growth.x === 0 && growth.y === 0)) return at;
  const { width, height } = piece;
  const [column, row] = [at % width, Math.floor(at / width)];
  for (let y = row - Math.ceil(growth.y / 2); y <= row + Math.floor(growth.y / 2); y += 1) {
    for (let x = column - Math.ceil(growth.x / 2); x <= column + Math.floor(growth.x / 2); x += 1) {
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const other = y * width + x;
      // Not drawn: no value (NaN), or none of what is counted.
      if (drawn[other] && isAlone(rows, piece, other, growth)) return other;
    }
  }
  return at;
}
