/** Ticks and labels of an axis: numbers, or microseconds since 1970-01-01 UTC. */
import { scaleLinear, scaleUtc } from "d3-scale";
import { utcFormat } from "d3-time-format";
import type { AxisType } from "../model/quantity.ts";

export interface Tick {
  readonly at: number;
  readonly label: string;
}

const MICROSECONDS = 1000;
/** Below this span d3's times, which end at milliseconds, have no ticks left. */
const FINE_SPAN = 20 * MICROSECONDS;
const LARGEST_DATE = 8.64e18;

export function ticksOf(type: AxisType, lo: number, hi: number, count: number): Tick[] {
  if (!(hi > lo) || !Number.isFinite(hi - lo)) return [];
  if (type === "number" || Math.max(Math.abs(lo), Math.abs(hi)) > LARGEST_DATE)
    return numberTicks(lo, hi, count);
  if (hi - lo < FINE_SPAN) return fineTimeTicks(lo, hi, count);
  const scale = scaleUtc().domain([new Date(lo / MICROSECONDS), new Date(hi / MICROSECONDS)]);
  const format = scale.tickFormat();
  return scale.ticks(count).map((date) => ({ at: date.getTime() * MICROSECONDS, label: format(date) }));
}

function numberTicks(lo: number, hi: number, count: number): Tick[] {
  const scale = scaleLinear().domain([lo, hi]);
  const most = Math.max(Math.abs(lo), Math.abs(hi));
  const format =
    most >= 1e7 || (most < 1e-4 && most > 0) ? compact(hi - lo, most, count) : scale.tickFormat(count);
  return scale.ticks(count).map((at) => ({ at, label: format(at) }));
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
  const text = seconds(new Date(whole * 1000));
  return digits > 0 ? `${text}.${String(rest).padStart(6, "0").slice(0, digits)}` : text;
}

/** A value of an axis as text, as precise as `resolution` (about a pixel) allows. */
export function valueText(type: AxisType, value: number, resolution: number): string {
  if (type === "time" && Math.abs(value) <= LARGEST_DATE) {
    if (resolution >= 60e6) return seconds(new Date(value / MICROSECONDS)).slice(0, 16);
    const digits = resolution >= 1e6 ? 0 : resolution >= 1e3 ? 3 : 6;
    return timeText(value, digits);
  }
  return numberText(value, resolution);
}

const LONGEST_DAY_VIEW = 3 * 86_400e6;

/** The day that hours and minutes on the ticks belong to; empty when the ticks show it. */
export function dayOf(type: AxisType, lo: number, hi: number): string {
  if (type !== "time" || hi - lo > LONGEST_DAY_VIEW || Math.max(Math.abs(lo), Math.abs(hi)) > LARGEST_DATE)
    return "";
  const [from, to] = [lo, hi].map((value) => seconds(new Date(value / MICROSECONDS)).slice(0, 10));
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
