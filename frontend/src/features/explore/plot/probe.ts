/** What lies under the pointer, read from the arrays on this page. */
import { categoryLabel, modeLabel, placeLabel } from "../../../model/categories.ts";
import { axisTypeOf } from "../../../model/column.ts";
import { finish, intervalAt, rowsOf } from "../../../model/finishers.ts";
import { growthOf, type MarkSize, ownerOf } from "../../../model/marks.ts";
import { type GridPiece, shareText } from "../../../model/piece.ts";
import { errorText, isByCategory, isOfRows, type Quantity, type ViewAxes } from "../../../model/quantity.ts";
import type { Extent } from "../../../model/viewport.ts";
import { cellAt, cellExtent } from "../../../model/visible.ts";
import type { ColumnInfo } from "../../../net/socket/messages.ts";
import { type AxisScale, rangeText } from "../../../renderers/axes/scales.ts";
import { numberText, valueText } from "../../../renderers/axes/ticks.ts";
import type { ReadingText } from "../state/plot-report.ts";

export interface Reading {
  readonly cell: Extent;
  readonly rows: number;
  /** The number of the cell; null when it has none, or none beside its rows. */
  readonly value: number | null;
  /** Both ends of what is drawn about that number; null: nothing. */
  readonly interval: readonly [number, number] | null;
  /** Rows of each category that occurs in the cell, most first. */
  readonly categories: readonly { category: number; rows: number }[];
  /** Share of the rows that the numbers are estimated from; null: they are exact. */
  readonly fraction: number | null;
}

/** Null where no piece is known. Over the mark of a lone cell it is that cell. */
export function read(
  layers: readonly GridPiece[],
  quantity: Quantity,
  x: number,
  y: number,
  mark: MarkSize | null = null,
): Reading | null {
  const found = cellAt(layers, x, y);
  if (!found) return null;
  const piece = found.piece.whole ?? found.piece;
  const pointed = found.row * piece.width + found.column;
  const at = ownerOf(found.piece, finish(found.piece, quantity), pointed, growthOf(piece, mark));
  const isMode = quantity.finisher === "mode";
  const numbers = isOfRows(quantity) && !isMode ? null : finish(isMode ? found.piece : piece, quantity);
  const value = numbers?.[at] ?? Number.NaN;
  const categories = piece.planes
    .filter((candidate) => candidate.role === "category")
    .map(({ category, cells }) => ({ category, rows: cells?.[at] ?? 0 }))
    .filter(({ rows }) => rows > 0)
    .toSorted((a, b) => b.rows - a.rows);
  return {
    cell: cellExtent(piece, at % piece.width, Math.floor(at / piece.width)),
    rows: rowsOf(piece)?.[at] ?? 0,
    value: Number.isNaN(value) ? null : value,
    interval: intervalAt(piece, quantity, at),
    categories,
    fraction: piece.fraction ?? null,
  };
}

const CATEGORIES_NAMED = 3;

function numberOf(
  value: number,
  interval: Reading["interval"],
  quantity: Quantity,
  column: ColumnInfo | null,
  values: ColumnInfo | null,
): string {
  if (quantity.finisher === "mode") return `${quantity.label} ${modeLabel(column, value)}`;
  const type = values && quantity.withinValue ? axisTypeOf(values) : "number";
  const text = (number: number) => (type === "number" ? numberText(number) : valueText(type, number, 1));
  const whose = isByCategory(quantity) ? `, ${placeLabel(column, quantity.place ?? null)}:` : "";
  const about = quantity.error ? ` ± ${errorText(quantity.error)}` : "";
  const ends = interval ? ` (95 % interval ${interval.map(text).join(" – ")})` : "";
  return `${quantity.label}${whose} ${text(value)}${about}${ends}`;
}

export function describe(
  reading: Reading,
  quantity: Quantity,
  axes: ViewAxes,
  column: ColumnInfo | null,
  values: ColumnInfo | null,
): ReadingText {
  const { cell } = reading;
  const range = (axis: AxisScale, lo: number, hi: number) => rangeText(axis, lo, hi, hi - lo, " – ");
  const parts = [`${reading.rows.toLocaleString("en")} ${reading.rows === 1 ? "row" : "rows"}`];
  if (reading.value !== null)
    parts.unshift(numberOf(reading.value, reading.interval, quantity, column, values));
  const named = reading.categories.slice(0, CATEGORIES_NAMED);
  parts.push(
    ...named.map(({ category, rows }) => `${categoryLabel(column, category)} ${rows.toLocaleString("en")}`),
  );
  if (reading.categories.length > named.length)
    parts.push(`${reading.categories.length - named.length} more`);
  if (reading.fraction !== null) parts.push(`estimate from ${shareText(reading.fraction)} of rows`);
  return {
    x: range(axes.x, cell.x0, cell.x1),
    y: axes.y ? range(axes.y, cell.y0, cell.y1) : "",
    value: parts.join(" · "),
  };
}
