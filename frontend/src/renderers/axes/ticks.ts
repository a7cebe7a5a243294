/** Ticks and labels of an axis: numbers, or micro- or milliseconds since 1970-01-01 UTC. */
import { scaleLinear, scaleUtc } from "d3-scale";
import { utcFormat } from "d3-time-format";
import type { AxisType } from "../../model/quantity.ts";

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** The furthest that a Date reaches from 1970. */
const LARGEST_DATE_MS = 8.64e15;
/** Below this span d3's numbers have no ticks. */
const NARROW = 1e-290;
const WIDENED = 1e300;
/** Below this span d3's times, which end at milliseconds, have no ticks left. */
const FINE_SPAN_MS = 20;

/** Counts of a time axis in a millisecond; 0 for numbers, and for times that no Date holds. */
function perMillisecond(type: AxisType, ...values: readonly number[]): number {
  if (type === "number") return 0;
  const counts = type === "time_ms" ? 1 : 1000;
  return values.every((value) => Math.abs(value) <= LARGEST_DATE_MS * counts) ? counts : 0;
}

export function ticksOf(type: AxisType, lo: number, hi: number, count: number): Tick[] {
  if (!(hi > lo) || !Number.isFinite(hi - lo)) return [];
  const counts = perMillisecond(type, lo, hi);
  if (counts === 0) return numberTicks(lo, hi, count);
  if (type === "time" && hi - lo < FINE_SPAN_MS * counts) return fineTimeTicks(lo, hi, count);
  const scale = scaleUtc().domain([new Date(lo / counts), new Date(hi / counts)]);
  const format = scale.tickFormat();
  const label = (date: Date) => (isFarYear(date) ? String(date.getUTCFullYear()) : format(date));
  return scale.ticks(count).map((date) => ({ at: date.getTime() * counts, label: label(date) }));
}

/** d3 writes years in four digits. */
function isFarYear(date: Date): boolean {
  return date.getUTCFullYear() > 9999;
}

export function numberTicks(lo: number, hi: number, count: number): Tick[] {
  if (hi - lo < NARROW) return narrowTicks(lo, hi, count);
  const scale = scaleLinear().domain([lo, hi]);
  const most = Math.max(Math.abs(lo), Math.abs(hi));
  const format =
    most >= 1e7 || (most < 1e-4 && most > 0) ? compact(hi - lo, most, count) : scale.tickFormat(count);
  return scale.ticks(count).map((at) => ({ at, label: format(at) }));
}

/** Where a step between ticks may be no float64: ticks of a range that is wider by a power of ten. */
function narrowTicks(lo: number, hi: number, count: number): Tick[] {
  const wide = scaleLinear().domain([lo * WIDENED, hi * WIDENED]);
  const values = new Set(wide.ticks(count).map((at) => at / WIDENED));
  const format = compact(hi - lo, Math.max(Math.abs(lo), Math.abs(hi)), count);
  return [...values].filter((at) => at >= lo && at <= hi).map((at) => ({ at, label: format(at) }));
}

/** Large and tiny values in as few characters as keep neighbours apart. */
function compact(span: number, most: number, count: number): (value: number) => string {
  const digits = Math.ceil(Math.log10((most / span) * count)) + 1;
  if (digits > 9 || most >= 1e15 || most < 1e-4) {
    const fraction = Math.min(15, Math.max(0, digits - 1));
    return (value) =>
      value
        .toExponential(fraction)
        .replace(/\.?0+e/, "e")
        .replace("e+", "e");
  }
  const format = new Intl.NumberFormat("en", {
    notation: "compact",
    maximumSignificantDigits: Math.max(3, digits),
  });
  return (value) => format.format(value);
}

function fineTimeTicks(lo: number, hi: number, count: number): Tick[] {
  return scaleLinear()
    .domain([lo, hi])
    .ticks(count)
    .filter((at) => Number.isInteger(at))
    .map((at) => ({ at, label: timeText(at, 6).slice(-12) }));
}

const seconds = utcFormat("%Y-%m-%d %H:%M:%S");

/** A time in full with `digits` (0 to 6) decimals of its seconds. */
function timeText(microseconds: number, digits: number): string {
  const whole = Math.floor(microseconds / 1e6);
  const rest = Math.floor(microseconds - whole * 1e6);
  const text = dateText(new Date(whole * 1000));
  return digits > 0 ? `${text}.${String(rest).padStart(6, "0").slice(0, digits)}` : text;
}

function dateText(date: Date): string {
  return isFarYear(date) ? `${date.getUTCFullYear()}${seconds(date).slice(4)}` : seconds(date);
}

function millisecondText(date: Date): string {
  return `${dateText(date)}.${String(date.getUTCMilliseconds()).padStart(3, "0")}`;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** A value of an axis as text, as precise as `resolution` (about a pixel) allows. */
export function valueText(type: AxisType, value: number, resolution: number): string {
  const counts = perMillisecond(type, value);
  if (counts === 0) return numberText(value, resolution);
  const step = resolution / counts;
  if (step >= MINUTE_MS) return dateText(new Date(value / counts)).slice(0, -3);
  if (step >= SECOND_MS) return dateText(new Date(Math.floor(value / counts / SECOND_MS) * SECOND_MS));
  if (type === "time_ms") return millisecondText(new Date(Math.floor(value)));
  return timeText(value, step >= 1 ? 3 : 6);
}

const LONGEST_DAY_VIEW_MS = 3 * 86_400_000;

/** The day that hours and minutes on the ticks belong to; empty when the ticks show it. */
export function dayOf(type: AxisType, lo: number, hi: number): string {
  const counts = perMillisecond(type, lo, hi);
  if (counts === 0 || hi - lo > LONGEST_DAY_VIEW_MS * counts) return "";
  const [from, to] = [lo, hi].map((value) => dateText(new Date(value / counts)).slice(0, -9));
  return from === to ? `${from} UTC` : `${from} to ${to} UTC`;
}

export function numberText(value: number, resolution = 0): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const most = Math.abs(value);
  if (most >= 1e15 || most < 1e-6) return value.toExponential(4);
  const decimals = resolution > 0 ? Math.ceil(-Math.log10(resolution)) + 1 : 6 - Math.floor(Math.log10(most));
  return new Intl.NumberFormat("en", { maximumFractionDigits: Math.min(12, Math.max(0, decimals)) }).format(
    value,
  );
}
