/** What is in view: the numbers, and a summary of them in one or two sentences for screen readers. */
import { errorText, rankedAxes, type ViewAxes, type ViewAxis } from "../../../model/quantity.ts";
import type { Extent } from "../../../model/viewport.ts";
import { cellExtent, crowd, type Densest } from "../../../model/visible.ts";
import { placeText, rangeText } from "../../../renderers/axes/scales.ts";
import { numberText } from "../../../renderers/axes/ticks.ts";
import type { ExploreSession } from "../../../session/session.ts";
import { placedRows, unplacedSentences } from "./unplaced.ts";

export interface InView {
  readonly viewport: Extent;
  readonly axes: ViewAxes;
  /** Rows in the cells under the viewport, also in those that it cuts. */
  readonly rows: number;
  /** Rows of the version that have a place, and all of them. */
  readonly placed: number;
  readonly all: number;
  readonly densest: Densest | null;
  /** Why the others have none, in sentences. */
  readonly unplaced: readonly string[];
}

/** Null before there is a picture. */
export function inView(session: ExploreSession): InView | null {
  const { picture, viewport, version, columns } = session.store.getState();
  if (!picture?.axes || !viewport) return null;
  const layers = session.frames.layers(viewport, session.pieces);
  const { quantity } = picture;
  const axes = rankedAxes(picture.axes, layers);
  const { rows, densest } = crowd(layers, viewport);
  const unplaced = picture.receipt?.unplaced ?? null;
  return {
    viewport,
    axes,
    rows,
    densest,
    placed: version ? placedRows(version.rows, unplaced) : rows,
    all: version?.rows ?? rows,
    unplaced: unplacedSentences({ unplaced, axes, quantity, columns }),
  };
}

export function summarise(session: ExploreSession): string {
  const seen = inView(session);
  const { interval, error } = session.store.getState().picture?.quantity ?? {};
  const drawn = [
    ...(interval ? ["Error bars show the 95 % interval of each mean."] : []),
    ...(error ? [`Numbers are estimates, with a standard error of ${errorText(error)}.`] : []),
  ];
  return seen ? [sentence(seen), ...drawn, ...seen.unplaced].join(" ") : "";
}

function sentence(seen: InView): string {
  const { viewport, axes, densest } = seen;
  const { x, y } = axes;
  const across = range(x, viewport.x0, viewport.x1);
  const where = y ? `${across} and ${range(y, viewport.y0, viewport.y1)}` : across;
  if (!densest) return `No rows lie in view, ${where}.`;
  const cell = cellExtent(densest.piece, densest.column, densest.row);
  const near = middle(x, cell.x0, cell.x1);
  const place = y ? `${near}, ${middle(y, cell.y0, cell.y1)}` : near;
  return `${shareWords(seen)}, ${where}. The fullest cell holds ${numberText(densest.rows)} rows, near ${place}.`;
}

/** "All 3,000,000 rows lie in view"; "about" only where cells at the edge are cut. */
function shareWords({ rows, placed, all }: InView): string {
  const which = placed < all ? " that have a place" : "";
  if (rows >= placed) return `All ${numberText(placed)} rows${which} lie in view`;
  return `About ${numberText(rows)} of ${numberText(placed)} rows${which} (${percent(rows / placed)}) lie in view`;
}

function range(axis: ViewAxis, lo: number, hi: number): string {
  return `${axis.label} from ${rangeText(axis, lo, hi, (hi - lo) / 1000, " to ")}`;
}

function middle(axis: ViewAxis, lo: number, hi: number): string {
  return placeText(axis, (lo + hi) / 2, hi - lo);
}

const NEARLY_ALL = 0.999;

/** Never 100 %: that would be all of them. */
function percent(share: number): string {
  if (share > NEARLY_ALL) return "more than 99.9 %";
  return new Intl.NumberFormat("en", {
    style: "percent",
    maximumSignificantDigits: share > 0.99 ? 3 : 2,
  }).format(share);
}
