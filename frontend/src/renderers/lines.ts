/** From one-dimensional pieces to lines: what each column holds, and which columns are joined. */
import { finish, operand } from "../model/finishers.ts";
import type { Cells, GridPiece } from "../model/piece.ts";
import type { Quantity } from "../model/quantity.ts";
import type { Extent } from "../model/viewport.ts";
import type { Range } from "./bars.ts";

/** Columns c0…c1 of a piece, the end not included, that no piece above covers. */
export interface Stretch {
  readonly piece: GridPiece;
  readonly c0: number;
  readonly c1: number;
}

/** Numbers of a line by column of a piece; a plane is null where all of its numbers are zero. */
interface Lane {
  readonly rows: Cells | null;
  readonly valid: Cells | null;
  readonly start: Cells | null;
  readonly end: Cells | null;
  readonly low: Cells | null;
  readonly high: Cells | null;
  /** The least and the greatest value about the number; null: there is no band. */
  readonly band: readonly [Cells | null, Cells | null] | null;
}

/** What a line does: each column with a value, from left to right, and the joins between their middles. */
export interface LineVisitor {
  /** In data units: from `x0` to `x1` across, from `low` to `high`, in a band from `least` to `greatest`. */
  column: (x0: number, x1: number, low: number, high: number, least: number, greatest: number) => void;
  join: (fromX: number, from: number, toX: number, to: number) => void;
}

/** The columns that are seen of layers, the last of which is on top, from left to right. */
export function stretchesOf(layers: readonly GridPiece[]): Stretch[] {
  const stretches: Stretch[] = [];
  let free: [number, number][] = layers.length > 0 ? [[-Infinity, Infinity]] : [];
  for (const piece of layers.toReversed()) {
    const { x0, x1 } = piece.extent;
    const rest: [number, number][] = [];
    for (const [lo, hi] of free) {
      const [from, to] = [Math.max(lo, x0), Math.min(hi, x1)];
      if (from >= to) {
        rest.push([lo, hi]);
        continue;
      }
      // A column that is cut is seen if its middle is.
      const place = (x: number) => ((x - x0) / (x1 - x0)) * piece.width;
      const [c0, c1] = [Math.max(0, Math.ceil(place(from) - 0.5)), Math.ceil(place(to) - 0.5)];
      if (c0 < c1) stretches.push({ piece, c0, c1: Math.min(c1, piece.width) });
      if (lo < from) rest.push([lo, from]);
      if (to < hi) rest.push([to, hi]);
    }
    free = rest;
  }
  return stretches.toSorted((a, b) => leftOf(a) - leftOf(b));
}

function leftOf({ piece, c0 }: Stretch): number {
  return columnEdge(piece, c0);
}

export function columnEdge({ extent, width }: GridPiece, column: number): number {
  return extent.x0 + ((extent.x1 - extent.x0) / width) * column;
}

/**
 * Goes along the line of a quantity. Two columns with values are joined if none between them has rows, all between them
 * is known, and neither value at the ends of the join is missing.
 */
export function walk(stretches: readonly Stretch[], quantity: Quantity, visit: LineVisitor): void {
  let last: { x: number; y: number } | null = null;
  let known = Number.NaN;
  for (const stretch of stretches) {
    const { piece, c0, c1 } = stretch;
    const size = (piece.extent.x1 - piece.extent.x0) / piece.width;
    // Columns of two levels meet within one of the longer ones.
    if (!(Math.abs(leftOf(stretch) - known) <= size)) last = null;
    known = columnEdge(piece, c1);
    const lane = laneOf(piece, quantity);
    if (!lane.rows) continue;
    for (let i = c0; i < c1; i += 1) {
      if ((lane.rows[i] as number) === 0) continue;
      if (!lane.valid || (lane.valid[i] as number) === 0) {
        last = null;
        continue;
      }
      const [x0, x1] = [columnEdge(piece, i), columnEdge(piece, i + 1)];
      const x = (x0 + x1) / 2;
      const [start, end, low, high] = [at(lane.start, i), at(lane.end, i), at(lane.low, i), at(lane.high, i)];
      // NaN differs from itself: a value is missing there.
      if (last && start === start) visit.join(last.x, last.y, x, start);
      const [least, greatest] = lane.band ? [at(lane.band[0], i), at(lane.band[1], i)] : [low, high];
      visit.column(x0, x1, low, high, least, greatest);
      last = end === end ? { x, y: end } : null;
    }
  }
}

function at(cells: Cells | null, column: number): number {
  return cells ? (cells[column] as number) : 0;
}

const lanes = new WeakMap<GridPiece, Map<string, Lane>>();

function laneOf(piece: GridPiece, quantity: Quantity): Lane {
  let made = lanes.get(piece);
  if (!made) lanes.set(piece, (made = new Map()));
  const { finisher, planes, category, place, withinValue } = quantity;
  const key = `${finisher}/${planes.join()}/${category}/${place}/${withinValue}`;
  let lane = made.get(key);
  if (!lane) made.set(key, (lane = makeLane(piece, quantity)));
  return lane;
}

function makeLane(piece: GridPiece, quantity: Quantity): Lane {
  const cells = (role: Parameters<typeof operand>[1]) => operand(piece, role, quantity);
  const common = { rows: cells(quantity.category === "" ? "count" : "category"), valid: cells("valid") };
  const [least, greatest] = [cells("min"), cells("max")];
  if (quantity.finisher === "span")
    return {
      ...common,
      start: cells("earliest"),
      end: cells("latest"),
      low: least,
      high: greatest,
      band: null,
    };
  const numbers = finish(piece, quantity);
  const band = quantity.withinValue ? ([least, greatest] as const) : null;
  return { ...common, start: numbers, end: numbers, low: numbers, high: numbers, band };
}

/**
 * From the least to the greatest number in view, with as much of the bands about it as fits into the same length above
 * and below: a few far values leave the line its shape. Null where there is no number.
 */
export function spanOf(
  stretches: readonly Stretch[],
  quantities: readonly Quantity[],
  viewport: Extent,
): Range | null {
  const line = { top: -Infinity, bottom: Infinity };
  const band = { top: -Infinity, bottom: Infinity };
  const column = (x0: number, x1: number, low: number, high: number, least: number, greatest: number) => {
    if (x1 <= viewport.x0 || x0 >= viewport.x1) return;
    widen(line, low, high);
    widen(band, least, greatest);
  };
  for (const quantity of quantities) walk(stretches, quantity, { column, join: () => undefined });
  const length = line.top - line.bottom;
  if (!(length > 0)) return band.top >= band.bottom ? band : null;
  return {
    top: Math.max(line.top, Math.min(band.top, line.top + length)),
    bottom: Math.min(line.bottom, Math.max(band.bottom, line.bottom - length)),
  };
}

/** A sum may leave float64: such a number has no part in the range. */
function widen(range: { top: number; bottom: number }, low: number, high: number): void {
  if (high > range.top && high < Infinity) range.top = high;
  if (low < range.bottom && low > -Infinity) range.bottom = low;
}
