/** What lies under the pointer, read from the arrays on this page. */
import type { JsonObject } from "@bufbuild/protobuf";
import { categoryLabel } from "../../../model/categories.ts";
import { finish, isWithinColumn, plane, type Quantity, rowsOf } from "../../../model/finish.ts";
import type { GridPiece } from "../../../model/piece.ts";
import type { Extent } from "../../../model/viewport.ts";
import { cellAt, cellExtent } from "../../../model/visible.ts";
import type { ColumnInfo } from "../../../net/socket/messages.ts";
import { type AxisType, numberText, valueText } from "../../../renderers/ticks.ts";
import type { ReadingText } from "../state/plot-report.ts";

export interface Reading {
  readonly cell: Extent;
  readonly rows: number;
  /** The reduction of the cell; null when the cell has none. */
  readonly value: number | null;
  /** Rows of each category that occurs in the cell, most first. */
  readonly categories: readonly { category: number; rows: number }[];
}

/** Null where no piece is known. */
export function read(layers: readonly GridPiece[], quantity: Quantity, x: number, y: number): Reading | null {
  const found = cellAt(layers, x, y);
  if (!found) return null;
  const { piece, column, row } = found;
  const at = row * piece.width + column;
  const value = finish(piece, quantity.reduction).cells?.[at] ?? Number.NaN;
  const categories = piece.planes
    .filter((candidate) => candidate.role === "category")
    .map(({ category, cells }) => ({ category, rows: cells?.[at] ?? 0 }))
    .filter(({ rows }) => rows > 0)
    .toSorted((a, b) => b.rows - a.rows);
  return {
    cell: cellExtent(piece, column, row),
    rows: rowsOf(piece)?.[at] ?? 0,
    value: Number.isNaN(value) || !plane(piece, "valid") ? null : value,
    categories,
  };
}

const CATEGORIES_NAMED = 3;

export function describe(
  reading: Reading,
  quantity: Quantity,
  axes: { x: AxisType; y: AxisType },
  column: ColumnInfo | null,
  values: ColumnInfo | null,
): ReadingText {
  const { cell } = reading;
  const range = (type: AxisType, lo: number, hi: number) =>
    `${valueText(type, lo, hi - lo)} – ${valueText(type, hi, hi - lo)}`;
  const parts = [`${reading.rows.toLocaleString("en")} ${reading.rows === 1 ? "row" : "rows"}`];
  if (reading.value !== null) {
    const isTime = values?.type === "time" && isWithinColumn(quantity);
    const text = isTime ? valueText("time", reading.value, 1) : numberText(reading.value);
    parts.unshift(`${quantity.reduction} ${quantity.value} ${text}`);
  }
  const named = reading.categories.slice(0, CATEGORIES_NAMED);
  parts.push(
    ...named.map(({ category, rows }) => `${categoryLabel(column, category)} ${rows.toLocaleString("en")}`),
  );
  if (reading.categories.length > named.length)
    parts.push(`${reading.categories.length - named.length} more`);
  return {
    x: range(axes.x, cell.x0, cell.x1),
    y: range(axes.y, cell.y0, cell.y1),
    value: parts.join(" · "),
  };
}

/** Which axis type a view's option names. */
export function axisType(columns: readonly ColumnInfo[], options: JsonObject, name: string): AxisType {
  return columns.find((column) => column.name === options[name])?.type === "time" ? "time" : "number";
}
