/** A piece as the page uses it: numbers of cells over an extent. */
import type { Extent } from "./viewport.ts";

export type Cells =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

export type Role =
  | "count"
  | "valid"
  | "sum"
  | "min"
  | "max"
  | "squares"
  | "first"
  | "last"
  | "earliest"
  | "latest"
  | "statistic"
  | "category";

export interface GridPlane {
  readonly role: Role;
  /** With a category column: whose rows these are; of values the last number stands for all rows together. */
  readonly category: number;
  /** width * height numbers, lowest y first; null when all are zero. */
  readonly cells: Cells | null;
}

export interface Address {
  readonly ex: number;
  readonly ix: string;
  readonly ey: number;
  readonly iy: string;
}

export interface GridPiece {
  /** Hexadecimal. */
  readonly id: string;
  readonly extent: Extent;
  readonly width: number;
  readonly height: number;
  readonly address: Address | null;
  /** Share of the rows that its cells are estimates from; absent: they are exact. */
  readonly fraction?: number;
  /** Of a ranked axis: the step of each cell, by its place in the steps of the axis. */
  readonly steps?: readonly number[];
  /** The same of y. */
  readonly stepsY?: readonly number[];
  readonly planes: readonly GridPlane[];
  /** By category only: rows of each cell over all categories, and the weights' colour as RGBA. */
  readonly total: Uint32Array<ArrayBuffer> | null;
  readonly mix: Uint8Array<ArrayBuffer> | null;
  readonly bytes: number;
  /** The piece with every category, where some are left out. */
  readonly whole?: GridPiece;
}

export type Rgb = readonly [number, number, number];

/** Logarithm to base 2 of the area of one cell in data units: the area itself may be no float64. */
export function cellBits(piece: GridPiece): number {
  const { x0, x1, y0, y1 } = piece.extent;
  return Math.log2(x1 - x0) - Math.log2(piece.width) + Math.log2(y1 - y0) - Math.log2(piece.height);
}

/** Planes that grow with the number of rows; whether their numbers are whole where they are shown. */
const SUMS: Partial<Record<Role, { whole: boolean }>> = {
  count: { whole: true },
  category: { whole: true },
  // A mean is a sum over these: rounding them would shift it.
  valid: { whole: false },
  sum: { whole: false },
  squares: { whole: false },
};

/** Estimates for all rows out of the cells of a sample, `fraction` of them; others hold for all rows as they are. */
export function estimate(role: Role, cells: Cells | null, fraction: number): Cells | null {
  const sum = SUMS[role];
  if (!cells || !sum) return cells;
  return Float64Array.from(cells, (value) => (sum.whole ? Math.round(value / fraction) : value / fraction));
}

/** A share of the rows for people: "1 %", "0.1 %". */
export function shareText(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(fraction < 0.1 ? 1 : 2))} %`;
}
