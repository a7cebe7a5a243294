/** Bars as a table: the number of each bar in view, or those of its categories. */
import { categoryLabel, modeLabel } from "../../../model/categories.ts";
import { axisTypeOf } from "../../../model/column.ts";
import { finish, intervalAt, rowsOf } from "../../../model/finishers.ts";
import type { GridPiece } from "../../../model/piece.ts";
import { atPlace, axisTitle, isByCategory, placesOf, type Quantity } from "../../../model/quantity.ts";
import type { ColumnInfo } from "../../../net/socket/messages.ts";
import { rangeText } from "../../../renderers/axes/scales.ts";
import { numberText, valueText } from "../../../renderers/axes/ticks.ts";
import { columnEdge, stretchesOf } from "../../../renderers/lines.ts";
import type { ExploreSession } from "../../../session/session.ts";
import type { Figures } from "./figures.ts";

/** What a bar says of one category, or of all rows together, as text. */
interface Lane {
  readonly head: string;
  readonly text: (piece: GridPiece, column: number) => string;
}

/** `hidden`: categories that are left out. Null before there is a picture. */
export function barFigures(session: ExploreSession, hidden: readonly number[]): Figures | null {
  const { picture, columns, viewport } = session.store.getState();
  if (!picture?.quantity || !picture.axes || !viewport) return null;
  const { quantity, axes } = picture;
  const stretches = stretchesOf(session.frames.layers(viewport, session.pieces));
  const lanes = stretches[0] ? lanesOf(stretches[0].piece, quantity, columns, hidden) : [];
  const rows: { x0: number; cells: string[] }[] = [];
  for (const { piece, c0, c1 } of stretches) {
    for (let column = c0; column < c1; column += 1) {
      const [x0, x1] = [columnEdge(piece, column), columnEdge(piece, column + 1)];
      const [middle, count] = [(x0 + x1) / 2, rowsOf(piece)?.[column] ?? 0];
      if (middle < viewport.x0 || middle > viewport.x1 || count === 0) continue;
      const numbers = lanes.map(({ text }) => text(piece, column));
      rows.push({
        x0,
        cells: [rangeText(axes.x, x0, x1, x1 - x0, " – "), ...numbers, count.toLocaleString("en")],
      });
    }
  }
  const isOfRows = lanes.length === 0;
  return {
    heads: [axisTitle(axes.x), ...lanes.map(({ head }) => head), isOfRows ? quantity.label : "Rows"],
    rows,
  };
}

function lanesOf(
  piece: GridPiece,
  quantity: Quantity,
  columns: readonly ColumnInfo[],
  hidden: readonly number[],
): readonly Lane[] {
  const info = (name: string) => columns.find((each) => each.name === name) ?? null;
  const category = info(quantity.category);
  if (quantity.finisher === "mode") {
    const text = (of: GridPiece, column: number) => modeLabel(category, finish(of, quantity)?.[column] ?? 0);
    return [{ head: quantity.label, text }];
  }
  if (quantity.finisher === "categories") {
    const places = piece.planes.flatMap((each) => (each.role === "category" ? [each.category] : []));
    return shown(places, hidden).map((place) => ({
      head: categoryLabel(category, place),
      text: (of, column) => numberText(countAt(of, place, column)),
    }));
  }
  // The number of a bar is its rows, which have a column of their own.
  if (quantity.planes.length === 1 && quantity.planes[0] === "count" && !isByCategory(quantity)) return [];
  const text = textOf(quantity, info(quantity.value));
  return shown(placesOf(piece, quantity), hidden).map((place) => ({
    head: place === null ? quantity.label : categoryLabel(category, place),
    text: (of, column) => text(of, column, place),
  }));
}

function shown<T extends number | null>(places: readonly T[], hidden: readonly number[]): readonly T[] {
  return places.filter((place) => place === null || !hidden.includes(place));
}

function countAt(piece: GridPiece, place: number, column: number): number {
  const own = piece.planes.find(({ role, category }) => role === "category" && category === place);
  return own?.cells?.[column] ?? 0;
}

/** The number of a bar and its interval, where it has one; empty without a number. */
function textOf(
  quantity: Quantity,
  values: ColumnInfo | null,
): (piece: GridPiece, column: number, place: number | null) => string {
  const type = values && quantity.withinValue ? axisTypeOf(values) : "number";
  const text = (value: number) => (type === "number" ? numberText(value) : valueText(type, value, 1));
  return (piece, column, place) => {
    const own = atPlace(quantity, place);
    const number = finish(piece, own)?.[column] ?? Number.NaN;
    if (Number.isNaN(number)) return "";
    const interval = intervalAt(piece, own, column);
    return interval ? `${text(number)} (${interval.map(text).join(" – ")})` : text(number);
  };
}
