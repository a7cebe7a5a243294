/** A summary of the picture in one or two sentences, for screen readers. */
import type { ViewAxis } from "../../../model/quantity.ts";
import { cellExtent, crowd } from "../../../model/visible.ts";
import { numberText, valueText } from "../../../renderers/ticks.ts";
import type { ExploreSession } from "../../../session/session.ts";

export function summarise(session: ExploreSession): string {
  const { picture, viewport, version } = session.store.getState();
  if (!picture?.axes || !viewport) return "";
  const { x, y } = picture.axes;
  const layers = session.frames.layers(viewport, session.pieces);
  const { rows, densest } = crowd(layers, viewport);
  const across = range(x, viewport.x0, viewport.x1);
  const where = y ? `${across} and ${range(y, viewport.y0, viewport.y1)}` : across;
  const total = version?.rows ?? rows;
  const share = total > 0 ? ` (${percent(Math.min(1, rows / total))})` : "";
  const first = `About ${numberText(rows)} of ${numberText(total)} rows${share} lie in view, ${where}.`;
  if (!densest) return `No rows lie in view, ${where}.`;
  const cell = cellExtent(densest.piece, densest.column, densest.row);
  const near = middle(x, cell.x0, cell.x1);
  const place = y ? `${near}, ${middle(y, cell.y0, cell.y1)}` : near;
  return `${first} The fullest cell holds ${numberText(densest.rows)} rows, near ${place}.`;
}

function range({ label, type }: ViewAxis, lo: number, hi: number): string {
  const step = (hi - lo) / 1000;
  return `${label} from ${valueText(type, lo, step)} to ${valueText(type, hi, step)}`;
}

function middle({ type }: ViewAxis, lo: number, hi: number): string {
  return valueText(type, (lo + hi) / 2, hi - lo);
}

function percent(share: number): string {
  return new Intl.NumberFormat("en", { style: "percent", maximumSignificantDigits: 2 }).format(share);
}
