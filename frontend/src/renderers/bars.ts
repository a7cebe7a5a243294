/** From one-dimensional pieces to bars: their heights, their colours, and the range that they span. */
import { finish, intervalAt, rowsOf } from "../model/finishers.ts";
import { cellBits, type Cells, type GridPiece, type Rgb } from "../model/piece.ts";
import type { Quantity } from "../model/quantity.ts";
import type { Extent } from "../model/viewport.ts";
import { windowOf } from "../model/visible.ts";
import { CATEGORY_COLOURS } from "./colours.ts";

/** Heights of bars that stand on those before them. */
export interface Stack {
  readonly heights: Cells;
  /** Null: the colour of all bars. */
  readonly colourAt: (bin: number) => Rgb | null;
}

export interface Bars {
  readonly piece: GridPiece;
  /** None: every bin is empty. */
  readonly stacks: readonly Stack[];
  /** From the piece's cells to those of the topmost piece, where numbers grow with the area. */
  readonly factor: number;
  /** Whether a bin of height 0 holds nothing. */
  readonly zeroIsEmpty: boolean;
  /** Both ends of what is drawn about the number of a bin; null: nothing. */
  readonly intervalOf: (bin: number) => readonly [number, number] | null;
}

export interface Range {
  readonly top: number;
  readonly bottom: number;
}

export function barsOf(layers: readonly GridPiece[], quantity: Quantity): Bars[] {
  const top = layers.at(-1);
  const isMode = quantity.finisher === "mode";
  const grows = quantity.growsWithArea || isMode;
  return layers.map((piece) => ({
    piece,
    stacks: stacksOf(piece, quantity),
    factor: top && grows ? 2 ** (cellBits(top) - cellBits(piece)) : 1,
    zeroIsEmpty: isMode || quantity.empty === "zero",
    intervalOf: (bin) => intervalAt(piece, quantity, bin),
  }));
}

function stacksOf(piece: GridPiece, quantity: Quantity): Stack[] {
  if (quantity.finisher === "categories")
    return piece.planes.flatMap(({ role, category, cells }) =>
      role === "category" && cells ? [{ heights: cells, colourAt: () => colourOf(category) }] : [],
    );
  const numbers = finish(piece, quantity);
  if (!numbers) return [];
  // The most frequent category colours bars that are as high as their rows.
  if (quantity.finisher === "mode")
    return [{ heights: rowsOf(piece) ?? numbers, colourAt: (bin) => colourOf(numbers[bin] as number) }];
  return [{ heights: numbers, colourAt: () => null }];
}

function colourOf(place: number): Rgb | null {
  return CATEGORY_COLOURS[place % CATEGORY_COLOURS.length] ?? null;
}

/** A gap: no row, or none with a value. */
export function isEmptyBin(value: number, zeroIsEmpty: boolean): boolean {
  return zeroIsEmpty ? value === 0 : Number.isNaN(value);
}

/** From the lowest to the highest bar or interval in view, zero included. */
export function rangeOf(bars: readonly Bars[], viewport: Extent): Range {
  let [top, bottom] = [0, 0];
  const reach = (height: number) => {
    // Comparisons pass NaN over; a sum may leave float64.
    if (height > top && height < Infinity) top = height;
    if (height < bottom && height > -Infinity) bottom = height;
  };
  for (const { piece, stacks, factor, intervalOf } of bars) {
    const { c0, c1 } = windowOf(piece, viewport);
    for (let i = c0; i < c1; i += 1) {
      let height = 0;
      for (const { heights } of stacks) height += (heights[i] as number) * factor;
      reach(height);
      for (const end of intervalOf(i) ?? []) reach(end);
    }
  }
  return { top, bottom };
}
