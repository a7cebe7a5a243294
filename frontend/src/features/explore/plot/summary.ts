/** The picture in one or two sentences, for people who do not see it. */
import { cellExtent, crowd } from "../../../model/visible.ts";
import { numberText, valueText } from "../../../renderers/ticks.ts";
import type { ExploreSession } from "../../../session/session.ts";
import { axisType } from "./probe.ts";

export function summarise(session: ExploreSession, bars: boolean): string {
  const { picture, viewport, columns, version } = session.store.getState();
  if (!picture || !viewport) return "";
  const layers = session.frames.layers(viewport, session.pieces);
  const { rows, densest } = crowd(layers, viewport);
  const range = (axis: "x" | "y") => {
    const [lo, hi] = axis === "x" ? [viewport.x0, viewport.x1] : [viewport.y0, viewport.y1];
    const type = axisType(columns, picture.options, axis);
    const step = (hi - lo) / 1000;
    return `${String(picture.options[axis] ?? axis)} from ${valueText(type, lo, step)} to ${valueText(type, hi, step)}`;
  };
  const where = bars ? range("x") : `${range("x")} and ${range("y")}`;
  const total = version?.rows ?? rows;
  const share = total > 0 ? ` (${percent(Math.min(1, rows / total))})` : "";
  const first = `About ${numberText(rows)} of ${numberText(total)} rows${share} lie in view, ${where}.`;
  if (!densest) return `No rows lie in view, ${where}.`;
  const cell = cellExtent(densest.piece, densest.column, densest.row);
  const x = valueText(axisType(columns, picture.options, "x"), (cell.x0 + cell.x1) / 2, cell.x1 - cell.x0);
  const y = valueText(axisType(columns, picture.options, "y"), (cell.y0 + cell.y1) / 2, cell.y1 - cell.y0);
  const place = bars ? x : `${x}, ${y}`;
  return `${first} The fullest cell holds ${numberText(densest.rows)} rows, near ${place}.`;
}

function percent(share: number): string {
  return new Intl.NumberFormat("en", { style: "percent", maximumSignificantDigits: 2 }).format(share);
}
