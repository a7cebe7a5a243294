/** Interface between the plot and the painter of a kind. */
import type { StoreApi } from "zustand/vanilla";
import type { Look } from "../../../model/look.ts";
import type { Extent } from "../../../model/viewport.ts";
import type { Pixels } from "../../../net/socket/messages.ts";
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
  /** Milliseconds until it is to be painted again: 0, in the next frame, while something eases; null: when something changes. */
  readonly again: number | null;
}

export interface Painter {
  /** In device pixels. */
  resize: (size: Pixels) => void;
  paint: (now: number) => Painted;
  info: () => Record<string, unknown>;
  dispose: () => void;
}
