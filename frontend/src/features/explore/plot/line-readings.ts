/** What the plot reads of lines: the numbers of the nearest column with rows, and the next such column. */
import { categoryLabel } from "../../../model/categories.ts";
import { axisTypeOf } from "../../../model/column.ts";
import { finish, operand } from "../../../model/finishers.ts";
import { type GridPiece, shareText } from "../../../model/piece.ts";
import { atPlace, placesOf, type Quantity } from "../../../model/quantity.ts";
import { dataAt, type Extent, type Place, placeOf } from "../../../model/viewport.ts";
import { rangeText } from "../../../renderers/axes/scales.ts";
import { numberText, valueText } from "../../../renderers/axes/ticks.ts";
import { columnEdge, stretchesOf } from "../../../renderers/lines.ts";
import type { ExploreSession } from "../../../session/session.ts";
import type { ReadingText } from "../state/plot-report.ts";

interface LineColumn {
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
  const { viewport, columns, picture } = session.store.getState();
  if (!viewport || !picture?.quantity || !picture.axes) return null;
  const { quantity, axes } = picture;
  const found = columnsOf(session, viewport, quantity, hidden);
  const { piece, column, x0, x1 } = found[nearest(found, dataAt(viewport, place).x)] ?? {};
  if (!piece || column === undefined || x0 === undefined || x1 === undefined) return null;
  const info = (name: string) => columns.find((each) => each.name === name) ?? null;
  const values = info(quantity.value);
  const type = values && quantity.withinValue ? axisTypeOf(values) : "number";
  const text = (value: number) => (type === "number" ? numberText(value) : valueText(type, value, 1));
  const places = shownPlaces(piece, quantity, hidden);
  let rows = 0;
  const parts = places.flatMap((each) => {
    const own = atPlace(quantity, each);
    const here = rowsAt(piece, own, column);
    rows += here;
    if (here === 0) return [];
    const number = numberAt(piece, own, column, text);
    return [each === null ? number : `${categoryLabel(info(quantity.category), each)} ${number}`];
  });
  const named =
    places[0] === null ? `${quantity.label} ${parts.join("")}` : `${quantity.label}: ${parts.join(", ")}`;
  const counted = `${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"}`;
  const estimated = piece.fraction ? [`estimate from ${shareText(piece.fraction)} of rows`] : [];
  return {
    x: rangeText(axes.x, x0, x1, x1 - x0, " – "),
    y: "",
    value: [named, counted, ...estimated].join(" · "),
  };
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
