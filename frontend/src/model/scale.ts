/** From values to places on the colour map (0 to 1); the same arithmetic as datashader.transfer_functions. */

export type Normalisation = "linear" | "log" | "eq_hist";

/** Cumulative share at evenly spaced scaled values: `first`, `first + step`, … */
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
  /** Logarithm to base 2 of the cell area that lo, hi and table belong to; null when values do not grow with the area. */
  readonly areaBits: number | null;
  /**
   * Values are multiplied by this power of 2 before anything else, so that neither a difference nor a float32 leaves its
   * range; 0 but for extreme values.
   */
  readonly exponent: number;
}

const BINS = 65_536;
/** Magnitudes whose differences, as float32 too, lie within its range. */
const LARGEST = 2 ** 120;
const LEAST = 2 ** -100;
/** From here on log(1 + x) is log(x) in float64. */
const LARGE_LOG = 40;

/** Finite values of non-empty cells, with what is needed of them. */
export interface Sample {
  readonly values: Float64Array;
  readonly integers: boolean;
  readonly lo: number;
  readonly hi: number;
}

/** `value` · 2^`exponent`; neither factor leaves float64. */
export function scaled(value: number, exponent: number): number {
  if (exponent === 0) return value;
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}

export function scaleOf(sample: Sample, normalisation: Normalisation, areaBits: number | null): Scale {
  const { lo, hi } = sample;
  const exponent = exponentOf(lo, hi);
  const table = normalisation === "eq_hist" ? equalised(sample, exponent) : null;
  return { normalisation, lo, hi, table, areaBits, exponent };
}

function exponentOf(lo: number, hi: number): number {
  const most = Math.max(Math.abs(lo), Math.abs(hi));
  return most === 0 || (most >= LEAST && most <= LARGEST) ? 0 : -Math.floor(Math.log2(most));
}

/** Place of a value on the colour map. */
export function shade(scale: Scale, value: number): number {
  const { table, exponent } = scale;
  const at = scaled(value, exponent);
  if (table) return shadeByTable(table, at);
  const [lo, hi] = [scaled(scale.lo, exponent), scaled(scale.hi, exponent)];
  if (hi <= lo) return at < lo ? 0 : 1;
  const part = Math.max(0, at - lo);
  const place =
    scale.normalisation === "log" ? logOf(part, exponent) / logOf(hi - lo, exponent) : part / (hi - lo);
  return Math.min(1, place);
}

/** Value at a place of the colour map. */
export function unshade(scale: Scale, place: number): number {
  const { table, exponent } = scale;
  if (table) return scaled(unshadeByTable(table, place), -exponent);
  const [lo, hi] = [scaled(scale.lo, exponent), scaled(scale.hi, exponent)];
  const part =
    scale.normalisation === "log" ? unlogOf(place * logOf(hi - lo, exponent), exponent) : place * (hi - lo);
  return scaled(Math.min(hi, lo + part), -exponent);
}

/** log(1 + x) of a scaled x; where every x is tiny, log(1 + x) is x. */
function logOf(part: number, exponent: number): number {
  if (exponent === 0) return Math.log1p(part);
  if (exponent > 0) return part;
  const log = Math.log(part) - exponent * Math.LN2;
  return log > LARGE_LOG ? log : Math.log1p(Math.exp(log));
}

function unlogOf(log: number, exponent: number): number {
  if (exponent === 0) return Math.expm1(log);
  if (exponent > 0) return log;
  return log > LARGE_LOG ? Math.exp(log + exponent * Math.LN2) : scaled(Math.expm1(log), exponent);
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
function equalised(sample: Sample, exponent: number): Table {
  const [lo, hi] = [scaled(sample.lo, exponent), scaled(sample.hi, exponent)];
  const exact = sample.integers && exponent === 0 && hi - lo < BINS;
  if (exact || hi <= lo) {
    const histogram = new Float64Array(exact ? hi - lo + 1 : 1);
    for (const value of sample.values)
      histogram[exact ? value - lo : 0] = (histogram[exact ? value - lo : 0] ?? 0) + 1;
    return tableOf(histogram, lo, 1);
  }
  const step = (hi - lo) / BINS;
  const histogram = new Float64Array(BINS);
  for (const value of sample.values) {
    const bin = Math.min(BINS - 1, Math.floor((scaled(value, exponent) - lo) / step));
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
