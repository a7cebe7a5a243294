/** Ticks and labels of an axis in the values of its column, wherever its transform puts them. */
import type { ViewAxis } from "../../model/quantity.ts";
import { transformOf } from "../../model/transforms/transforms.ts";
import { stepAt, stepsBetween } from "./steps.ts";
import { numberTicks, type Tick, ticksOf, valueText } from "./ticks.ts";

export type AxisScale = Pick<ViewAxis, "type" | "transform" | "steps" | "width">;

/** From this many decades on ticks are powers of ten. */
const DECADES = 2;
/** Below this many there is room for every value in between: ticks are as on a linear axis. */
const PART_OF_DECADE = 0.5;
const MANTISSAS = [1, 2, 5];

/** `lo` and `hi` are places; so is `at` of a tick. */
export function scaleTicks(axis: AxisScale, lo: number, hi: number, count: number): Tick[] {
  const { type, transform, width = 1 } = axis;
  if (width !== 1)
    return scaleTicks({ type, transform }, lo * width, hi * width, count).map(({ at, label }) => ({
      at: at / width,
      label,
    }));
  if (transform === "linear") return ticksOf(type, lo, hi, count);
  if (!(hi > lo) || !Number.isFinite(hi - lo)) return [];
  return transform === "log10" && hi - lo >= PART_OF_DECADE
    ? decadeTicks(lo, hi, count)
    : valueTicks(transform, lo, hi, count);
}

/** The value at a place as text, as precise as a step of `step` around it allows. */
export function placeText(axis: AxisScale, place: number, step: number): string {
  const { type, transform, steps, width = 1 } = axis;
  if (steps) return stepAt(steps, place);
  if (width !== 1) return placeText({ type, transform }, place * width, step * width);
  if (transform === "linear") return valueText(type, place, step);
  const { inverse } = transformOf(transform);
  return valueText(type, inverse(place), inverse(place + step / 2) - inverse(place - step / 2));
}

/** From one place to another as text. */
export function rangeText(axis: AxisScale, lo: number, hi: number, step: number, between: string): string {
  if (axis.steps) return stepsBetween(axis.steps, lo, hi, between);
  return `${placeText(axis, lo, step)}${between}${placeText(axis, hi, step)}`;
}

/** Round values that lie evenly, as on a linear axis of the same ends. */
function valueTicks(name: AxisScale["transform"], lo: number, hi: number, count: number): Tick[] {
  const { forward, inverse } = transformOf(name);
  return numberTicks(inverse(lo), inverse(hi), count)
    .map(({ at, label }) => ({ at: forward(at), label }))
    .filter(({ at }) => at >= lo && at <= hi);
}

function decadeTicks(lo: number, hi: number, count: number): Tick[] {
  const every = Math.max(1, Math.ceil((hi - lo) / count));
  const mantissas = hi - lo < DECADES ? MANTISSAS : [1];
  const ticks: Tick[] = [];
  for (let power = Math.floor(lo / every) * every; power <= hi; power += every) {
    for (const mantissa of mantissas) {
      const at = power + Math.log10(mantissa);
      if (at >= lo && at <= hi) ticks.push({ at, label: decadeLabel(mantissa, power) });
    }
  }
  return ticks;
}

const LETTERS = ["", "k", "M", "B", "T"];

/** 0.01, 1, 20, 1k, 5M; powers beyond these as 1e15. */
function decadeLabel(mantissa: number, power: number): string {
  if (power < -4 || power >= 15) return `${mantissa}e${power}`;
  if (power < 0) return (mantissa * 10 ** power).toFixed(-power);
  return `${mantissa * 10 ** (power % 3)}${LETTERS[Math.floor(power / 3)]}`;
}
