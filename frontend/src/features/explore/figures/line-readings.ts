/** What the plot reads of lines: the numbers of the columns with rows in view, the nearest one, and the next one. */
import { categoryLabel } from "../../../model/categories.ts";
import { axisTypeOf } from "../../../model/column.ts";
import { finish, operand } from "../../../model/finishers.ts";
import { type GridPiece, shareText } from "../../../model/piece.ts";
import { atPlace, placesOf, type Quantity, type ViewAxis } from "../../../model/quantity.ts";
import { dataAt, type Extent, type Place, placeOf } from "../../../model/viewport.ts";
import { rangeText } from "../../../renderers/axes/scales.ts";
import { numberText, valueText } from "../../../renderers/axes/ticks.ts";
import { columnEdge, stretchesOf } from "../../../renderers/lines.ts";
import type { ExploreSession } from "../../../session/session.ts";
import type { ReadingText } from "../state/plot-report.ts";

/** A column of pixels. */
export interface LineColumn {
  readonly piece: GridPiece;
  readonly column: number;
  readonly x0: number;
  readonly x1: number;
}

/** Null where no column in view has rows. */
export function lineReadingAt(
  session: ExploreSession,
  place: Place,
  { hidden }: { readonly hidden: readonly number[] },
): ReadingText | null {
  const { viewport, picture } = session.store.getState();
  if (!viewport || !picture?.quantity || !picture.axes) return null;
  const { quantity, axes } = picture;
  const found = columnsOf(session, viewport, quantity, hidden);
  const column = found[nearest(found, dataAt(viewport, place).x)];
  if (!column) return null;
  const lanes = lanesAt(session, column, hidden);
  const rows = lanes.reduce((sum, lane) => sum + lane.rows, 0);
  const parts = lanes.flatMap(({ label, number }) =>
    number === "" ? [] : [label ? `${label} ${number}` : number],
  );
  const named =
    lanes[0]?.label === "" ? `${quantity.label} ${parts.join("")}` : `${quantity.label}: ${parts.join(", ")}`;
  const counted = `${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"}`;
  const { piece } = column;
  const estimated = piece.fraction ? [`estimate from ${shareText(piece.fraction)} of rows`] : [];
  return { x: acrossText(axes.x, column), y: "", value: [named, counted, ...estimated].join(" · ") };
}

/** From where to where a column of pixels reaches, as text. */
export function acrossText(axis: ViewAxis, { x0, x1 }: LineColumn): string {
  return rangeText(axis, x0, x1, x1 - x0, " – ");
}

/** The number of each line in a column; empty where the line has no rows. A lone line has no label. */
export interface LineNumber {
  readonly label: string;
  readonly number: string;
  readonly rows: number;
}

export function lanesAt(
  session: ExploreSession,
  { piece, column }: LineColumn,
  hidden: readonly number[],
): readonly LineNumber[] {
  const { columns, picture } = session.store.getState();
  if (!picture?.quantity) return [];
  const { quantity } = picture;
  const info = (name: string) => columns.find((each) => each.name === name) ?? null;
  const values = info(quantity.value);
  const type = values && quantity.withinValue ? axisTypeOf(values) : "number";
  const text = (value: number) => (type === "number" ? numberText(value) : valueText(type, value, 1));
  return shownPlaces(piece, quantity, hidden).map((place) => {
    const own = atPlace(quantity, place);
    const rows = rowsAt(piece, own, column);
    const label = place === null ? "" : categoryLabel(info(quantity.category), place);
    return { label, number: rows === 0 ? "" : numberAt(piece, own, column, text), rows };
  });
}

/** The columns with rows in view, from left to right; none before there is a picture. */
export function lineColumns(session: ExploreSession, hidden: readonly number[]): readonly LineColumn[] {
  const { viewport, picture } = session.store.getState();
  return viewport && picture?.quantity ? columnsOf(session, viewport, picture.quantity, hidden) : [];
}

/** One number, or the least and the greatest; a band in brackets. */
function numberAt(piece: GridPiece, quantity: Quantity, at: number, text: (value: number) => string): string {
  const number = finish(piece, quantity)?.[at] ?? Number.NaN;
  if (Number.isNaN(number)) return "without a value";
  if (!quantity.withinValue) return text(number);
  const [least, greatest] = (["min", "max"] as const).map((role) =>
    text(operand(piece, role, quantity)?.[at] ?? 0),
  );
  const span = least === greatest ? (least ?? "") : `${least} – ${greatest}`;
  return quantity.finisher === "span" || least === greatest ? span : `${text(number)} (${span})`;
}

/** Where a crosshair at `at` lands when it goes that many columns with rows to the right. */
export function stepColumns(
  session: ExploreSession,
  at: Place,
  right: number,
  hidden: readonly number[],
): Place {
  const { viewport, picture } = session.store.getState();
  if (!viewport || !picture?.quantity) return at;
  const found = columnsOf(session, viewport, picture.quantity, hidden);
  const from = nearest(found, dataAt(viewport, at).x);
  const next = found[Math.min(found.length - 1, Math.max(0, from + right))];
  return next ? { u: placeOf(viewport, (next.x0 + next.x1) / 2, viewport.y0).u, v: at.v } : at;
}

/** Those with rows whose middles are in view, from left to right. */
function columnsOf(
  session: ExploreSession,
  viewport: Extent,
  quantity: Quantity,
  hidden: readonly number[],
): LineColumn[] {
  const found: LineColumn[] = [];
  for (const { piece, c0, c1 } of stretchesOf(session.frames.layers(viewport, session.pieces))) {
    const lanes = shownPlaces(piece, quantity, hidden).map((place) => atPlace(quantity, place));
    for (let column = c0; column < c1; column += 1) {
      const [x0, x1] = [columnEdge(piece, column), columnEdge(piece, column + 1)];
      const middle = (x0 + x1) / 2;
      if (middle < viewport.x0 || middle > viewport.x1) continue;
      if (lanes.some((own) => rowsAt(piece, own, column) > 0)) found.push({ piece, column, x0, x1 });
    }
  }
  return found;
}

function shownPlaces(
  piece: GridPiece,
  quantity: Quantity,
  hidden: readonly number[],
): readonly (number | null)[] {
  return placesOf(piece, quantity).filter((place) => place === null || !hidden.includes(place));
}

function rowsAt(piece: GridPiece, quantity: Quantity, column: number): number {
  return operand(piece, quantity.category === "" ? "count" : "category", quantity)?.[column] ?? 0;
}

/** Place in the list of the column that is nearest; 0 in an empty one. */
function nearest(columns: readonly LineColumn[], x: number): number {
  let best = 0;
  let least = Infinity;
  for (const [index, { x0, x1 }] of columns.entries()) {
    const distance = Math.abs((x0 + x1) / 2 - x);
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}
