/** From a place on the plot to the rows behind it: those of its cell, or the nearest ones where the cell is empty. */
import { withoutCategories } from "../../../model/categories.ts";
import {
  atPlace,
  isOfCategories,
  rankedAxes,
  type ViewAxes,
  type ViewAxis,
} from "../../../model/quantity.ts";
import { dataAt, type Extent, type Place } from "../../../model/viewport.ts";
import type { GridPiece } from "../../../model/piece.ts";
import type { RowPlace } from "../../../net/socket/messages.ts";
import { CATEGORY_COLOURS } from "../../../renderers/colours.ts";
import type { ExploreSession } from "../../../session/session.ts";
import type { Drawn } from "./plot-readings.ts";
import { describe, read } from "./probe.ts";

/** How far from the pointer a row may lie, in device-independent pixels. */
const REACH = 12;
const ANYWHERE: RowPlace = {
  region: null,
  steps: [],
  others: false,
  stepsY: [],
  othersY: false,
  pointer: null,
};

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
    const place = placeOf(axes, layers, reading.cell);
    return place && { place, title };
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
  const layers = session.frames.layers(viewport, session.pieces);
  const place = placeOf(picture.axes, layers, viewport);
  return place && { place, title: "Rows in view" };
}

/** The rows of a region, by the steps of its cells on ranked axes; null where not all that it takes are known. */
function placeOf({ x, y }: ViewAxes, layers: readonly GridPiece[], region: Extent): RowPlace | null {
  const across = rankedSteps(
    x,
    layers.map(({ extent, steps }) => [extent.x0, steps]),
    [region.x0, region.x1],
  );
  const up = rankedSteps(
    y,
    layers.map(({ extent, stepsY }) => [extent.y0, stepsY]),
    [region.y0, region.y1],
  );
  if (!across || !up) return null;
  return { ...ANYWHERE, region, ...across, stepsY: up.steps, othersY: up.others };
}

/** The steps that the cells of an axis between two ends stand for: none where it is not ranked. */
function rankedSteps(
  axis: ViewAxis | null,
  pieces: readonly (readonly [number, readonly number[] | undefined])[],
  [low, high]: readonly [number, number],
): Pick<RowPlace, "steps" | "others"> | null {
  if (!axis?.ranked) return { steps: [], others: false };
  const [first, last] = [Math.floor(low), Math.ceil(high) - 1];
  const known = new Map<number, number>();
  for (const [start, steps] of pieces)
    for (const [index, step] of (steps ?? []).entries()) known.set(Math.round(start) + index, step);
  const isChosen = (cell: number) => first <= cell && cell <= last;
  const chosen = [...known].filter(([cell]) => isChosen(cell)).map(([, step]) => step);
  if (chosen.length === 0) return null;
  const count = axis.steps?.length ?? 0;
  const cells = axis.ranked;
  // Where others are taken together, they are the last step and the last cell.
  if (cells === count || !chosen.includes(count - 1)) return { steps: chosen, others: false };
  const left = [...known].filter(([cell, step]) => !isChosen(cell) && step !== count - 1);
  const isWhole = known.size === cells;
  return isWhole ? { steps: left.map(([, step]) => step), others: true } : null;
}
