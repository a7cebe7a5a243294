/**
 * Where the values of a column lie on an axis. Extents, cells and viewports are places: numbers in units of the axis, as
 * the server has them.
 */

export type TransformName = "linear" | "log10" | "mercator" | "steps";

export interface Transform {
  /** Values from `low` to `high` have a place. */
  readonly low: number;
  readonly high: number;
  /** The place of a value from `low` to `high`. */
  readonly forward: (value: number) => number;
  /** The value at a place; beyond the places of `low` and `high` the nearer of the two. */
  readonly inverse: (place: number) => number;
  /** What rows lack that have no place: "no delay above 0". */
  readonly lacking: (names: string) => string;
  /** It makes a map of latitudes: a step is as long on both axes. */
  readonly isProjection: boolean;
  /** Behind the title of an axis. */
  readonly suffix: string;
}

/** Where a Mercator map ends: it is as high as it is wide. */
const MOST_NORTH = 85.05112878;
const RADIANS = Math.PI / 180;

const LINEAR: Transform = {
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
  forward: (value) => value,
  inverse: (place) => place,
  lacking: (names) => `a ${names} that no axis reaches`,
  isProjection: false,
  suffix: "",
};

const LOG10: Transform = {
  low: Number.MIN_VALUE,
  high: Number.MAX_VALUE,
  forward: Math.log10,
  inverse: (place) => clamped(10 ** place, Number.MIN_VALUE, Number.MAX_VALUE),
  lacking: (names) => `no ${names} above 0`,
  isProjection: false,
  suffix: ", log scale",
};

/** Latitudes in degrees, on Web Mercator in degrees of the equator: a step is as long as one of the longitude. */
const MERCATOR: Transform = {
  low: -MOST_NORTH,
  high: MOST_NORTH,
  forward: (value) => Math.asinh(Math.tan(value * RADIANS)) / RADIANS,
  inverse: (place) => clamped(Math.atan(Math.sinh(place * RADIANS)) / RADIANS, -MOST_NORTH, MOST_NORTH),
  lacking: (names) => `a ${names} beyond the ends of the map (85.05°)`,
  isProjection: true,
  suffix: "",
};

/** Each category or part of time has a cell, one long: a label says which, not the place. */
const STEPS: Transform = { ...LINEAR, lacking: (names) => `no ${names} that is a step` };

const TRANSFORMS: Readonly<Record<TransformName, Transform>> = {
  linear: LINEAR,
  log10: LOG10,
  mercator: MERCATOR,
  steps: STEPS,
};

export function transformOf(name: TransformName): Transform {
  return TRANSFORMS[name];
}

function clamped(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
