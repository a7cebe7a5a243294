/** From values to places on the colour map (0 to 1); the same arithmetic as datashader.transfer_functions. */

export type Normalisation = "linear" | "log" | "eq_hist";

/** Cumulative share at evenly spaced values: `first`, `first + step`, … */
export interface Table {
  readonly first: number;
  readonly step: number;
  readonly shares: Float32Array<ArrayBuffer>;
  /** Shares from `low` to 1 are spread over the colour map. */
  readonly low: number;
}

export interface Scale {
  readonly normalisation: Normalisation;
  readonly lo: number;
  readonly hi: number;
  /** Only for eq_hist. */
  readonly table: Table | null;
  /** Cell area that lo, hi and table belong to; 0 when values do not grow with the area. */
  readonly area: number;
}

const BINS = 65_536;

/** Values of non-empty cells, with what is needed of them. */
export interface Sample {
  readonly values: Float64Array;
  readonly integers: boolean;
  readonly lo: number;
  readonly hi: number;
}

export function scaleOf(sample: Sample, normalisation: Normalisation, area: number): Scale {
  const { lo, hi } = sample;
  const table = normalisation === "eq_hist" ? equalised(sample) : null;
  return { normalisation, lo, hi, table, area };
}

/** Place of a value on the colour map. */
export function shade(scale: Scale, value: number): number {
  const { lo, hi, table } = scale;
  if (table) return shadeByTable(table, value);
  if (hi <= lo) return value < lo ? 0 : 1;
  const place =
    scale.normalisation === "log"
      ? Math.log1p(Math.max(0, value - lo)) / Math.log1p(hi - lo)
      : (value - lo) / (hi - lo);
  return Math.min(1, Math.max(0, place));
}

/** Value at a place of the colour map; the legend's ticks show it. */
export function unshade(scale: Scale, place: number): number {
  const { lo, hi, table } = scale;
  if (table) return unshadeByTable(table, place);
  if (scale.normalisation === "log") return lo + Math.expm1(place * Math.log1p(hi - lo));
  return lo + place * (hi - lo);
}

function shadeByTable(table: Table, value: number): number {
  const at = (value - table.first) / table.step;
  const last = table.shares.length - 1;
  const below = Math.min(last, Math.max(0, Math.floor(at)));
  const above = Math.min(last, below + 1);
  const rest = Math.min(1, Math.max(0, at - below));
  const share = (table.shares[below] as number) * (1 - rest) + (table.shares[above] as number) * rest;
  if (table.low >= 1) return 1;
  return Math.min(1, Math.max(0, (share - table.low) / (1 - table.low)));
}

function unshadeByTable(table: Table, place: number): number {
  const share = table.low + place * (1 - table.low);
  let lo = 0;
  let hi = table.shares.length - 1;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if ((table.shares[middle] as number) < share - 1e-6) lo = middle + 1;
    else hi = middle;
  }
  return table.first + lo * table.step;
}

/** datashader's eq_hist: exact counts for integers over less than 65,536 values, else 65,536 bins. */
function equalised(sample: Sample): Table {
  const { lo, hi } = sample;
  const exact = sample.integers && hi - lo < BINS;
  if (exact || hi <= lo) {
    const histogram = new Float64Array(exact ? hi - lo + 1 : 1);
    for (const value of sample.values)
      histogram[exact ? value - lo : 0] = (histogram[exact ? value - lo : 0] ?? 0) + 1;
    return tableOf(histogram, lo, 1);
  }
  const step = (hi - lo) / BINS;
  const histogram = new Float64Array(BINS);
  for (const value of sample.values) {
    const bin = Math.min(BINS - 1, Math.floor((value - lo) / step));
    histogram[bin] = (histogram[bin] as number) + 1;
  }
  return trimmed(histogram, lo + step / 2, step);
}

/** Between two values that occur, shares run straight from one to the other. */
function trimmed(histogram: Float64Array, first: number, step: number): Table {
  const table = tableOf(histogram, first, step);
  let previous = 0;
  for (let i = 1; i < histogram.length; i += 1) {
    if (histogram[i] === 0) continue;
    const from = table.shares[previous] as number;
    const rise = ((table.shares[i] as number) - from) / (i - previous);
    for (let j = previous + 1; j < i; j += 1) table.shares[j] = from + rise * (j - previous);
    previous = i;
  }
  return table;
}

function tableOf(histogram: Float64Array, first: number, step: number): Table {
  const shares = new Float32Array(histogram.length);
  let total = 0;
  let levels = 0;
  for (const rows of histogram) {
    total += rows;
    if (rows > 0) levels += 1;
  }
  let sum = 0;
  for (let i = 0; i < histogram.length; i += 1) {
    sum += histogram[i] as number;
    shares[i] = sum / total;
  }
  return { first, step, shares, low: lowShare(levels, shares[0] ?? 1) };
}

/** Few different values start higher up the map, so that they do not sit at its two ends (datashader again). */
function lowShare(levels: number, least: number): number {
  const slope = -0.5 / 98;
  const multiple = slope * levels + (1.5 - 2 * slope);
  return multiple > 1 ? Math.max(1 - multiple * (1 - least), 0) : least;
}
