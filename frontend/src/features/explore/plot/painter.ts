/** Interface between the plot and the painter of a kind. */
import type { StoreApi } from "zustand/vanilla";
import type { Look } from "../../../model/look.ts";
import type { Extent } from "../../../model/viewport.ts";
import type { ExploreSession } from "../../../session/session.ts";
import type { LegendState } from "../state/plot-report.ts";

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
