/** How numbers become colours: choices that need no request. */
import type { Normalisation } from "./scale.ts";

export type RangeMode = "view" | "data" | "locked";
export type Background = "dark" | "light";
/** Size of marks: chosen from the picture, off, or device-independent pixels. */
export type Spread = "auto" | "off" | 2 | 3 | 4 | 5;

export interface Look {
  readonly map: string;
  readonly reverse: boolean;
  readonly normalisation: Normalisation;
  readonly background: Background;
  readonly spread: Spread;
  readonly range: RangeMode;
  /** Ends of a locked range. */
  readonly lo: number;
  readonly hi: number;
  /** Categories that are not drawn, as places in the legend, ascending. */
  readonly hidden: readonly number[];
  /** The category whose numbers are shown, as a place in the legend; null: those of all rows together. */
  readonly pick: number | null;
}

export const DEFAULT_LOOK: Look = {
  map: "viridis",
  reverse: false,
  normalisation: "eq_hist",
  background: "dark",
  spread: "auto",
  range: "view",
  lo: 0,
  hi: 1,
  hidden: [],
  pick: null,
};

export const NORMALISATIONS: readonly Normalisation[] = ["linear", "log", "eq_hist"];
export const SPREADS: readonly Spread[] = ["auto", "off", 2, 3, 4, 5];
