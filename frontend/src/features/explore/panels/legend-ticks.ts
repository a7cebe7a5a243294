/** Numbers under the colour bar, each at the colour that it is drawn with. */
import type { AxisType, Quantity } from "../../../model/quantity.ts";
import { type Scale, shade, unshade } from "../../../model/scale.ts";
import { valueText } from "../../../renderers/axes/ticks.ts";

export interface LegendTick {
  readonly label: string;
  /** Place on the colour bar, 0 to 1. */
  readonly at: number;
}

/** As many whole numbers each get a tick. */
const FEW = 6;
/** Ticks nearer than this would touch; times have longer labels. */
const GAP: Readonly<Record<AxisType, number>> = { number: 0.19, time: 0.6, time_ms: 0.6 };
const PLACES = [0, 1, 0.5, 0.25, 0.75];
/** Around a tick, to tell how finely its number is to be written. */
const NEAR = 0.02;

export function legendTicks(
  scale: Scale,
  { integer }: Pick<Quantity, "integer">,
  type: AxisType,
): LegendTick[] {
  const ticks: LegendTick[] = [];
  for (const value of candidates(scale, integer)) {
    const at = shade(scale, value);
    const label = valueText(type, value, resolutionAt(scale, at));
    const isFree = ticks.every((tick) => Math.abs(tick.at - at) >= GAP[type] && tick.label !== label);
    if (isFree) ticks.push({ label, at });
  }
  return ticks.toSorted((a, b) => a.at - b.at);
}

/** Those that matter most come first. */
function candidates(scale: Scale, integer: boolean): number[] {
  const { lo, hi } = scale;
  if (integer && hi - lo < FEW) {
    const all = Array.from({ length: Math.floor(hi - lo) + 1 }, (_, step) => lo + step);
    return [lo, hi, ...all];
  }
  const values = PLACES.map((place) => unshade(scale, place));
  const whole = integer ? values.map((value) => Math.min(hi, Math.max(lo, Math.round(value)))) : values;
  return [lo, hi, ...whole];
}

function resolutionAt(scale: Scale, at: number): number {
  const [below, above] = [Math.max(0, at - NEAR), Math.min(1, at + NEAR)];
  return unshade(scale, above) - unshade(scale, below);
}
