/** From a place on the plot to the rows behind it: those of its cell, or the nearest ones where the cell is empty. */
import { withoutCategories } from "../../../model/categories.ts";
import { atPlace, isOfCategories, rankedAxes, type ViewAxis } from "../../../model/quantity.ts";
import { dataAt, type Place } from "../../../model/viewport.ts";
import type { GridPiece } from "../../../model/piece.ts";
import type { RowPlace } from "../../../net/socket/messages.ts";
import { CATEGORY_COLOURS } from "../../../renderers/colours.ts";
import type { ExploreSession } from "../../../session/session.ts";
import type { Drawn } from "./plot-readings.ts";
import { describe, read } from "./probe.ts";

/** How far from the pointer a row may lie, in device-independent pixels. */
const REACH = 12;
const ANYWHERE: RowPlace = { region: null, steps: [], others: false, pointer: null };

export interface PlacedRows {
  readonly place: RowPlace;
  readonly title: string;
}

/** `size` is that of the plot in device-independent pixels. Null where there is nothing to ask for. */
export function rowsAt(
  session: ExploreSession,
  at: Place,
  drawn: Drawn,
  size: { readonly width: number; readonly height: number },
): PlacedRows | null {
  const { viewport, picture } = session.store.getState();
  if (!viewport || !picture?.quantity || !picture.axes) return null;
  const quantity = atPlace(picture.quantity, drawn.pick);
  const hidden = isOfCategories(quantity) ? drawn.hidden : [];
  const { x, y } = dataAt(viewport, at);
  const { axes } = picture;
  const layers = session.frames.layers(viewport, session.pieces);
  const shown = layers.map((piece) => withoutCategories(piece, hidden, CATEGORY_COLOURS));
  const reading = read(shown, quantity, x, axes.y ? y : 0.5, drawn.mark);
  if (reading && reading.rows > 0) {
    const said = describe(reading, quantity, rankedAxes(axes, layers), null, null);
    const title = [said.x, said.y].filter(Boolean).join(" · ");
    if (!axes.x.ranked) return { place: { ...ANYWHERE, region: reading.cell }, title };
    const steps = rankedSteps(axes.x, layers, Math.floor(reading.cell.x0));
    return steps && { place: { ...ANYWHERE, ...steps }, title };
  }
  if (!axes.y || axes.x.steps || axes.y.steps) return null;
  const xPixel = (viewport.x1 - viewport.x0) / Math.max(1, size.width);
  const yPixel = (viewport.y1 - viewport.y0) / Math.max(1, size.height);
  return { place: { ...ANYWHERE, pointer: { x, y, xPixel, yPixel, reach: REACH } }, title: "Nearest row" };
}

/** The rows of all that is in view; null before there is a picture. */
export function rowsInView(session: ExploreSession): PlacedRows | null {
  const { viewport, picture } = session.store.getState();
  if (!viewport || !picture?.axes) return null;
  const title = "Rows in view";
  const { x } = picture.axes;
  if (!x.ranked) return { place: { ...ANYWHERE, region: viewport }, title };
  const layers = session.frames.layers(viewport, session.pieces);
  const steps = rankedSteps(x, layers, Math.floor(viewport.x0), Math.ceil(viewport.x1) - 1);
  return steps && { place: { ...ANYWHERE, ...steps }, title };
}

/** The steps that some cells of a ranked axis stand for; null where not all that it takes are known. */
function rankedSteps(
  axis: ViewAxis,
  layers: readonly GridPiece[],
  first: number,
  last = first,
): Pick<RowPlace, "steps" | "others"> | null {
  const known = new Map<number, number>();
  for (const { steps, extent } of layers)
    for (const [index, step] of (steps ?? []).entries()) known.set(Math.round(extent.x0) + index, step);
  const isChosen = (cell: number) => first <= cell && cell <= last;
  const chosen = [...known].filter(([cell]) => isChosen(cell)).map(([, step]) => step);
  if (chosen.length === 0) return null;
  const count = axis.steps?.length ?? 0;
  const cells = axis.ranked ?? count;
  // Where others are taken together, they are the last step and the last cell.
  if (cells === count || !chosen.includes(count - 1)) return { steps: chosen, others: false };
  const left = [...known].filter(([cell, step]) => !isChosen(cell) && step !== count - 1);
  const isWhole = known.size === cells;
  return isWhole ? { steps: left.map(([, step]) => step), others: true } : null;
}
