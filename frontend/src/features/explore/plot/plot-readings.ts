/** What the plot reads from the session: axes, the cell at a place, the next cell, a box as text. */
import { withoutCategories } from "../../../model/categories.ts";
import type { MarkSize } from "../../../model/marks.ts";
import {
  atPlace,
  axisTitle,
  isOfCategories,
  type Quantity,
  rankedAxes,
  type ViewAxes,
  type ViewAxis,
} from "../../../model/quantity.ts";
import { type Axes, dataAt, type Place, placeOf } from "../../../model/viewport.ts";
import { cellAt, cellExtent } from "../../../model/visible.ts";
import type { AxisLook } from "../../../renderers/axes/axes.ts";
import { CATEGORY_COLOURS } from "../../../renderers/colours.ts";
import { type AxisScale, rangeText } from "../../../renderers/axes/scales.ts";
import type { ExploreSession } from "../../../session/session.ts";
import type { ReadingText } from "../state/plot-report.ts";
import type { Box } from "./cursor.ts";
import { describe, read } from "./probe.ts";

/** Step of the crosshair where no cell is known yet, as a share of the plot. */
const BLIND_STEP = 0.002;

const PLAIN: AxisScale = { type: "number", transform: "linear" };

/** Axes of the picture on screen, not of the one that is requested. */
export function axisLooks(session: ExploreSession): { x: AxisLook; y: AxisLook } {
  const { picture } = session.store.getState();
  const axes = shownAxes(session);
  const height: AxisLook = { ...PLAIN, title: heightTitle(picture?.quantity ?? null) };
  return { x: axisLook(axes?.x), y: axes && !axes.y ? height : axisLook(axes?.y) };
}

/** Those of the picture, else those that were opened; ranked steps as they stand. */
function shownAxes(session: ExploreSession): ViewAxes | null {
  const { picture, axes, viewport } = session.store.getState();
  const known = picture?.axes ?? axes;
  return known && viewport ? rankedAxes(known, session.frames.layers(viewport, session.pieces)) : known;
}

/** Bars of the most frequent category are as high as their rows. */
function heightTitle(quantity: Quantity | null): string {
  if (!quantity) return "";
  return quantity.finisher === "mode" ? "Rows" : quantity.label;
}

function axisLook(axis: ViewAxis | null | undefined): AxisLook {
  if (!axis) return { ...PLAIN, title: "" };
  const { type, transform, steps, width } = axis;
  return { type, transform, title: axisTitle(axis), ...(steps && { steps }), ...(width && { width }) };
}

/** How the picture is drawn, as far as it changes which cell is under a place. */
export interface Drawn {
  readonly mark: MarkSize | null;
  /** Categories that are left out. */
  readonly hidden: readonly number[];
  /** The category whose numbers are shown; null: all rows together. */
  readonly pick: number | null;
}

/** Null where no cell is known. */
export function readingAt(session: ExploreSession, place: Place, drawn: Drawn): ReadingText | null {
  const { viewport, columns, picture } = session.store.getState();
  if (!viewport || !picture?.quantity || !picture.axes) return null;
  const quantity = atPlace(picture.quantity, drawn.pick);
  const hidden = isOfCategories(quantity) ? drawn.hidden : [];
  const at = dataAt(viewport, place);
  const known = session.frames.layers(viewport, session.pieces);
  const axes = rankedAxes(picture.axes, known);
  const layers = known.map((piece) => withoutCategories(piece, hidden, CATEGORY_COLOURS));
  const reading = read(layers, quantity, at.x, axes.y ? at.y : 0.5, drawn.mark);
  if (!reading) return null;
  const find = (name: string) => columns.find((column) => column.name === name) ?? null;
  return describe(reading, quantity, axes, find(quantity.category), find(quantity.value));
}

/** The middle of the cell that many cells right and up; stays where it is at the edge of the plot. */
export function stepCells(session: ExploreSession, at: Place, right: number, up: number, axes: Axes): Place {
  const { viewport } = session.store.getState();
  if (!viewport) return at;
  const flat = axes === "x";
  const { x, y } = dataAt(viewport, at);
  const found = cellAt(session.frames.layers(viewport, session.pieces), x, flat ? 0.5 : y);
  if (!found) return clamped({ u: at.u + right * BLIND_STEP, v: at.v + up * BLIND_STEP });
  const cell = cellExtent(found.piece, found.column, found.row);
  const next = placeOf(
    viewport,
    (cell.x0 + cell.x1) / 2 + right * (cell.x1 - cell.x0),
    (cell.y0 + cell.y1) / 2 + up * (cell.y1 - cell.y0),
  );
  return { u: held(next.u, at.u), v: flat ? at.v : held(next.v, at.v) };
}

export function boxText(session: ExploreSession, { a, b }: Box, axes: Axes): string {
  const { viewport } = session.store.getState();
  if (!viewport) return "";
  const known = shownAxes(session);
  const [from, to] = [dataAt(viewport, a), dataAt(viewport, b)];
  const range = (axis: "x" | "y") => {
    const [lo, hi] = [Math.min(from[axis], to[axis]), Math.max(from[axis], to[axis])];
    return `${axis} ${rangeText(known?.[axis] ?? PLAIN, lo, hi, (hi - lo) / 100, " to ")}`;
  };
  return `Box: ${axes === "x" ? range("x") : `${range("x")}, ${range("y")}`}`;
}

function held(next: number, now: number): number {
  return next >= 0 && next <= 1 ? next : now;
}

function clamped({ u, v }: Place): Place {
  return { u: Math.min(1, Math.max(0, u)), v: Math.min(1, Math.max(0, v)) };
}
