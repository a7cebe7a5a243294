/** What a picture shows: its quantity and its axes, as each frame states them. */
import type { GridPiece, Role } from "./piece.ts";
import { type TransformName, transformOf } from "./transforms/transforms.ts";

/** How the number of a cell is made from its planes. */
export type Finisher =
  | "identity"
  | "presence"
  | "ratio"
  | "variance"
  | "deviation"
  | "difference"
  | "categories"
  | "mode"
  | "span";

/** Which cells hold nothing: those whose number is 0, or those without a row that has a value. */
export type Empty = "zero" | "no_value";

/** What is drawn about the number of a cell: the 95 % confidence interval of a mean. */
export type Interval = "mean95";

export interface Quantity {
  /** In words, for a title. */
  readonly label: string;
  /** What the number counts or measures; empty when it is not known. */
  readonly unit: string;
  readonly finisher: Finisher;
  /** What the finisher reads, in its order. */
  readonly planes: readonly Role[];
  readonly empty: Empty;
  /** The number of a cell grows with the cell's area. */
  readonly growsWithArea: boolean;
  /** The number is always whole. */
  readonly integer: boolean;
  /** The number lies between the least and the greatest value of the value column, in that column's unit. */
  readonly withinValue: boolean;
  /** Name of the value column, empty when there is none. */
  readonly value: string;
  /** Name of the category column, empty when there is none. */
  readonly category: string;
  readonly interval?: Interval;
  /** Standard error of the number as a share of it, where it is an estimate whatever rows are read. */
  readonly error?: number;
  /** The category whose numbers are shown, where each has its own; null or absent: those of all rows together. */
  readonly place?: number | null;
}

/** Numbers, or times as counts since 1970-01-01 UTC: of microseconds, or (`time_ms`) of milliseconds. */
export type AxisType = "number" | "time" | "time_ms";

export interface ViewAxis {
  readonly column: string;
  readonly type: AxisType;
  readonly transform: TransformName;
  readonly label: string;
  /** Empty when it is not known. */
  readonly unit: string;
  /** Of an axis of steps: what each cell stands for. Null: rows without a category; empty: one that is not listed. */
  readonly steps?: readonly (string | null)[];
  /** How many cells an axis has whose order is not that of `steps`: pieces name the step of each. */
  readonly ranked?: number;
  /** Of an axis in bins: how wide one is in places of the transform; a place of the axis is so many of them. */
  readonly width?: number;
}

export interface ViewAxes {
  readonly x: ViewAxis;
  /** Null where the number of a cell is its height. */
  readonly y: ViewAxis | null;
}

/**
 * Rows of the version without a place in the picture, whatever the viewport. Each counts once: under the first of these
 * that holds for one of its axes; a row that has a place under one of the last two.
 */
export interface Unplaced {
  /** An axis has no value, or a cell that could not be read. */
  readonly missing: number;
  readonly infinite: number;
  /** An axis has a value that no cell can hold. */
  readonly outOfRange: number;
  readonly valueMissing: number;
  readonly valueInfinite: number;
  /** An axis has a value that its transform has no place for; it comes after `outOfRange`. */
  readonly notOnScale: number;
}

/** A standard error in percent: "1.6 %". */
export function errorText(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

export function axisTitle({ label, unit, transform }: ViewAxis): string {
  return `${unit ? `${label} (${unit})` : label}${transformOf(transform).suffix}`;
}

/** Whether all categories are seen at once, in their colours. */
export function isOfCategories({ finisher }: Quantity): boolean {
  return finisher === "categories" || finisher === "mode";
}

/** Whether each category has a number of its own, of which one is shown at a time. */
export function isByCategory(quantity: Quantity): boolean {
  return quantity.category !== "" && !isOfCategories(quantity);
}

/** The categories of a piece whose numbers are shown at once; null where all rows have one number. */
export function placesOf(piece: GridPiece, quantity: Quantity): readonly (number | null)[] {
  if (!isByCategory(quantity)) return [null];
  return piece.planes.filter(({ role }) => role === "category").map(({ category }) => category);
}

/** The quantity with the category that a person picked; null: all rows together. */
export function atPlace(quantity: Quantity, place: number | null): Quantity {
  return isByCategory(quantity) ? { ...quantity, place } : quantity;
}

/** Whether the number of a cell is made from its rows alone. */
export function isOfRows(quantity: Quantity): boolean {
  return quantity.planes.every((role) => role === "count" || role === "category");
}

/**
 * Options that the axes come from: for each axis the first of `names`, the order of the form, that holds its column.
 */
export function axisOptions(
  names: readonly string[],
  options: Readonly<Record<string, unknown>>,
  axes: ViewAxes | null,
): readonly string[] {
  const found: string[] = [];
  for (const axis of [axes?.x, axes?.y]) {
    const name = axis && names.find((each) => options[each] === axis.column && !found.includes(each));
    if (name) found.push(name);
  }
  return found;
}

/** The axes with the steps of cells in the order that the pieces have; the same where no axis is ranked. */
export function rankedAxes(axes: ViewAxes, pieces: readonly GridPiece[]): ViewAxes {
  const { x, y } = axes;
  if (!x.ranked && !y?.ranked) return axes;
  return {
    x: rankedAxis(
      x,
      pieces.map(({ extent, steps }) => [extent.x0, steps]),
    ),
    y:
      y &&
      rankedAxis(
        y,
        pieces.map(({ extent, stepsY }) => [extent.y0, stepsY]),
      ),
  };
}

/** `known` are the first cell of each piece and the steps of its cells. Cells of which none is known have no label. */
function rankedAxis(
  axis: ViewAxis,
  known: readonly (readonly [number, readonly number[] | undefined])[],
): ViewAxis {
  if (!axis.ranked) return axis;
  const { ranked, ...rest } = axis;
  const labels: (string | null)[] = Array.from({ length: ranked }, () => "");
  for (const [first, steps] of known) {
    for (const [index, step] of (steps ?? []).entries()) {
      const label = axis.steps?.[step];
      labels[Math.round(first) + index] = label === null ? null : label || `#${step + 1}`;
    }
  }
  return { ...rest, steps: labels };
}
