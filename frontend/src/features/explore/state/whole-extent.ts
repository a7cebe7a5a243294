/** The whole of the data on the axes of a view. */
import type { Column } from "../../../model/column.ts";
import type { ViewAxes } from "../../../model/quantity.ts";
import { type Extent, padded } from "../../../model/viewport.ts";

/** Room on each side, so that the outermost rows do not lie on the edge. */
const MARGIN = 0.02;

/** No axis reaches further. */
const FURTHEST = 2 ** 899;

/** Null when the range of an axis is not known. `now` gives the other axis where the cells have no second one. */
export function wholeExtent(axes: ViewAxes, columns: readonly Column[], now: Extent): Extent | null {
  const x = rangeOf(axes.x.column, columns);
  const y = axes.y ? rangeOf(axes.y.column, columns) : null;
  if (!x || (axes.y && !y)) return null;
  const extent = { x0: x[0], x1: x[1], y0: y?.[0] ?? now.y0, y1: y?.[1] ?? now.y1 };
  const grown = padded(extent, MARGIN);
  return y ? grown : { ...grown, y0: now.y0, y1: now.y1 };
}

/** A single value gets room around it. */
function rangeOf(name: string, columns: readonly Column[]): readonly [number, number] | null {
  const column = columns.find((candidate) => candidate.name === name);
  if (!column || column.min === null || column.max === null) return null;
  const min = Math.max(column.min, -FURTHEST);
  const max = Math.min(column.max, FURTHEST);
  if (max > min) return [min, max];
  if (max < min) return null;
  const room = Math.max(Math.abs(min) * 2 ** -20, Number.MIN_VALUE * 2 ** 60, min === 0 ? 0.5 : 0);
  return [min - room, max + room];
}
