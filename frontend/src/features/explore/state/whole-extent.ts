/** The whole of the data on the axes of a view. */
import type { Column } from "../../../model/column.ts";
import type { ViewAxes, ViewAxis } from "../../../model/quantity.ts";
import { type Transform, transformOf } from "../../../model/transforms/transforms.ts";
import { type Extent, padded } from "../../../model/viewport.ts";

/** Room on each side, so that the outermost rows do not lie on the edge. */
const MARGIN = 0.02;

/** No axis reaches further. */
const FURTHEST = 2 ** 899;

/** Null when the range of an axis is not known. `now` gives the other axis where the cells have no second one. */
export function wholeExtent(axes: ViewAxes, columns: readonly Column[], now: Extent): Extent | null {
  const x = rangeOf(axes.x, columns);
  const y = axes.y ? rangeOf(axes.y, columns) : null;
  if (!x || (axes.y && !y)) return null;
  const extent = { x0: x[0], x1: x[1], y0: y?.[0] ?? now.y0, y1: y?.[1] ?? now.y1 };
  const grown = padded(extent, MARGIN);
  return y ? grown : { ...grown, y0: now.y0, y1: now.y1 };
}

/** In units of the axis. A single value gets room around it. */
function rangeOf(axis: ViewAxis, columns: readonly Column[]): readonly [number, number] | null {
  if (axis.steps) return [0, axis.ranked ?? axis.steps.length];
  const column = columns.find((candidate) => candidate.name === axis.column);
  const ends = column && placedEnds(column, transformOf(axis.transform));
  if (!ends) return null;
  const { width } = axis;
  // Of bins whole ones.
  if (width) return [Math.floor(ends[0] / width), Math.floor(ends[1] / width) + 1];
  const min = Math.max(ends[0], -FURTHEST);
  const max = Math.min(ends[1], FURTHEST);
  if (max > min) return [min, max];
  if (max < min) return null;
  const room = Math.max(Math.abs(min) * 2 ** -20, Number.MIN_VALUE * 2 ** 60, min === 0 ? 0.5 : 0);
  return [min - room, max + room];
}

/** Places of the least and the greatest value that have one; null when there is none, or when it is not known. */
function placedEnds(column: Column, { low, high, forward }: Transform): readonly [number, number] | null {
  const { min, max, leastPositive } = column;
  if (min === null || max === null || max < low || min > high) return null;
  if (min >= low || low < 0) return [forward(Math.max(min, low)), forward(Math.min(max, high))];
  // A logarithmic axis begins at the least value above 0.
  return leastPositive === null ? null : [forward(leastPositive), forward(max)];
}
