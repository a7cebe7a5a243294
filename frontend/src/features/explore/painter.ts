/** What a renderer of a kind does for the plot, and what the plot tells it. */
import type { StoreApi } from "zustand/vanilla";
import type { Quantity } from "../../session/finish.ts";
import type { Look } from "../../session/look.ts";
import type { Scale } from "../../session/scale.ts";
import type { ExploreSession } from "../../session/session.ts";
import type { Extent } from "../../session/viewport.ts";

/** What the legend says; changes when colours do, not with every frame. */
export interface LegendState {
  readonly scale: Scale | null;
  readonly quantity: Quantity | null;
  /** Device-independent pixels to which marks are spread; 0 when they are not. */
  readonly markPixels: number;
}

export interface PaintWorld {
  readonly session: ExploreSession;
  readonly look: StoreApi<Look>;
  readonly legend: StoreApi<LegendState>;
  readonly reducedMotion: boolean;
}

export interface Painted {
  /** What the axes show; null before the data's extent is known. */
  readonly axes: Extent | null;
  /** Something still eases: paint again in the next frame. */
  readonly again: boolean;
}

export interface Painter {
  paint: (now: number) => Painted;
  info: () => Record<string, unknown>;
  dispose: () => void;
}
