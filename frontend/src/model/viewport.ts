/** Viewport arithmetic in data units: pure, float64, no pixels beyond fractions of the plot. */

/** Box of data space; time axes are microseconds since 1970-01-01 UTC. */
export interface Extent {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

export type AxisName = "x" | "y";
/** Which axes a gesture moves. */
export type Axes = "both" | AxisName;

/** A place in the plot: 0,0 is its lower left corner and 1,1 its upper right. */
export interface Place {
  readonly u: number;
  readonly v: number;
}

type Interval = readonly [number, number];

/** A side of the plot has at most 4096 pixels; 2^-38 of the magnitude leaves each of them many float64 steps. */
const FINEST = 2 ** -38;
/** Coordinates of the server end here; rows beyond have no place. */
const WIDEST = 2 ** 1000;

export function zoomAt(extent: Extent, at: Place, factor: number, axes: Axes = "both"): Extent {
  const x: Interval = axes === "y" ? [extent.x0, extent.x1] : zoomed(extent.x0, extent.x1, at.u, factor);
  const y: Interval = axes === "x" ? [extent.y0, extent.y1] : zoomed(extent.y0, extent.y1, at.v, factor);
  return { x0: x[0], x1: x[1], y0: y[0], y1: y[1] };
}

/** Moves by fractions of the plot: du = 1 shows what lies one plot width to the right. */
export function pan(extent: Extent, du: number, dv: number): Extent {
  const x = shifted(extent.x0, extent.x1, du);
  const y = shifted(extent.y0, extent.y1, dv);
  return { x0: x[0], x1: x[1], y0: y[0], y1: y[1] };
}

/** The part of `extent` between two corners; null when it is too thin to show. */
export function boxed(extent: Extent, a: Place, b: Place): Extent | null {
  const next = {
    x0: interpolate(extent.x0, extent.x1, Math.min(a.u, b.u)),
    x1: interpolate(extent.x0, extent.x1, Math.max(a.u, b.u)),
    y0: interpolate(extent.y0, extent.y1, Math.min(a.v, b.v)),
    y1: interpolate(extent.y0, extent.y1, Math.max(a.v, b.v)),
  };
  return isShowable(next.x0, next.x1) && isShowable(next.y0, next.y1) ? next : null;
}

/** Grown by a share of its size on each side, as far as coordinates go. */
export function padded(extent: Extent, share: number): Extent {
  const dx = (extent.x1 - extent.x0) * share;
  const dy = (extent.y1 - extent.y0) * share;
  const [x0, x1, y0, y1] = [extent.x0 - dx, extent.x1 + dx, extent.y0 - dy, extent.y1 + dy].map((at) =>
    Math.min(WIDEST, Math.max(-WIDEST, at)),
  ) as [number, number, number, number];
  return { x0, x1, y0, y1 };
}

/** Grown on one axis until a step is as long on both, in a plot of that many pixels. */
export function withEqualSteps(extent: Extent, { width, height }: { width: number; height: number }): Extent {
  const { x0, x1, y0, y1 } = extent;
  const step = Math.max((x1 - x0) / width, (y1 - y0) / height);
  const dx = (step * width - (x1 - x0)) / 2;
  const dy = (step * height - (y1 - y0)) / 2;
  const grown = { x0: x0 - dx, x1: x1 + dx, y0: y0 - dy, y1: y1 + dy };
  return isValid(grown) ? grown : extent;
}

export function dataAt(extent: Extent, at: Place): { x: number; y: number } {
  return { x: interpolate(extent.x0, extent.x1, at.u), y: interpolate(extent.y0, extent.y1, at.v) };
}

export function placeOf(extent: Extent, x: number, y: number): Place {
  return { u: (x - extent.x0) / (extent.x1 - extent.x0), v: (y - extent.y0) / (extent.y1 - extent.y0) };
}

export function isValid(extent: Extent): boolean {
  return isShowable(extent.x0, extent.x1) && isShowable(extent.y0, extent.y1);
}

export function contains(outer: Extent, inner: Extent): boolean {
  return outer.x0 <= inner.x0 && outer.x1 >= inner.x1 && outer.y0 <= inner.y0 && outer.y1 >= inner.y1;
}

export function intersects(a: Extent, b: Extent): boolean {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

export function sameExtent(a: Extent, b: Extent): boolean {
  return a.x0 === b.x0 && a.x1 === b.x1 && a.y0 === b.y0 && a.y1 === b.y1;
}

function interpolate(lo: number, hi: number, at: number): number {
  return lo * (1 - at) + hi * at;
}

function isShowable(lo: number, hi: number): boolean {
  if (!Number.isFinite(lo) || !Number.isFinite(hi)) return false;
  const magnitude = Math.max(Math.abs(lo), Math.abs(hi));
  return hi - lo >= magnitude * FINEST && hi > lo && magnitude <= WIDEST;
}

/** Factor < 1 shows less. The value at `at` stays where it is; a zoom past the limits does nothing. */
function zoomed(lo: number, hi: number, at: number, factor: number): Interval {
  const held = interpolate(lo, hi, at);
  const next: Interval = [held - (held - lo) * factor, held + (hi - held) * factor];
  return isShowable(next[0], next[1]) ? next : [lo, hi];
}

function shifted(lo: number, hi: number, fraction: number): Interval {
  const distance = (hi - lo) * fraction;
  const next: Interval = [lo + distance, hi + distance];
  return isShowable(next[0], next[1]) ? next : [lo, hi];
}
