/** Labels of an axis of steps: each cell, one long, is a category or a part of time. */
import type { Tick } from "./ticks.ts";

/** Null: rows without a category. Empty: a category beyond those that the version lists. */
export type Steps = readonly (string | null)[];

/** Letters of a label under an axis, and beside it. */
const LETTERS = { x: 16, y: 8 } as const;
const LETTER_PIXELS = 6.6;
const GAP_PIXELS = 10;
const LINE_PIXELS = 18;
/** From here on a step has room for a few letters of its own. */
const ROOMY_PIXELS = 40;

export function stepLabel(steps: Steps, index: number): string {
  const label = steps[index];
  return label === null ? "(missing)" : label || `#${index + 1}`;
}

/** The step at a place; beyond the axis the nearest. */
export function stepAt(steps: Steps, place: number): string {
  return stepLabel(steps, Math.min(steps.length - 1, Math.max(0, Math.floor(place))));
}

/** From the step of one place to that of another, which is left out where it only begins. */
export function stepsBetween(steps: Steps, lo: number, hi: number, between: string): string {
  const [from, to] = [stepAt(steps, lo), stepAt(steps, Math.max(lo, Math.ceil(hi) - 1))];
  return from === to ? from : `${from}${between}${to}`;
}

/**
 * In the middle of steps: of each, with its label cut where it must be, or of every second, fifth, tenth and so on where
 * there is room for no few letters.
 */
export function stepTicks(steps: Steps, lo: number, hi: number, side: "x" | "y", length: number): Tick[] {
  if (!(hi > lo)) return [];
  const first = Math.max(0, Math.ceil(lo - 0.5));
  const last = Math.min(steps.length - 1, Math.floor(hi - 0.5));
  const room = length / (hi - lo);
  const letters = lettersFor(side, room);
  const labels = new Map<number, string>();
  for (let index = first; index <= last; index += 1) labels.set(index, cut(stepLabel(steps, index), letters));
  const every = roundUp(pixelsOf(labels.values(), side) / room);
  return [...labels]
    .filter(([index]) => index % every === 0)
    .map(([index, label]) => ({ at: index + 0.5, label }));
}

/** `room`: pixels of a step. */
function lettersFor(side: "x" | "y", room: number): number {
  if (side === "y" || room < ROOMY_PIXELS) return LETTERS[side];
  return Math.min(LETTERS.x, Math.floor((room - GAP_PIXELS) / LETTER_PIXELS));
}

function pixelsOf(labels: Iterable<string>, side: "x" | "y"): number {
  if (side === "y") return LINE_PIXELS;
  let longest = 0;
  for (const { length } of labels) longest = Math.max(longest, length);
  return longest * LETTER_PIXELS + GAP_PIXELS;
}

/** The least of 1, 2, 5, 10, 20, 50 and so on that is not less. */
function roundUp(every: number): number {
  let power = 1;
  while (power * 10 < every) power *= 10;
  return power * ([1, 2, 5, 10].find((factor) => power * factor >= every) ?? 10);
}

function cut(label: string, letters: number): string {
  return label.length > letters ? `${label.slice(0, letters - 1)}…` : label;
}
