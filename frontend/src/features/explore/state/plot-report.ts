/** What the plot reports to the panels. */
import type { MarkSize } from "../../../model/marks.ts";
import type { Quantity } from "../../../model/quantity.ts";
import type { Scale } from "../../../model/scale.ts";

/** What the legend says; changes when colours do, not with every frame. */
export interface LegendState {
  readonly scale: Scale | null;
  readonly quantity: Quantity | null;
  /** Device-independent pixels to which marks are spread; 0 when they are not. */
  readonly markPixels: number;
  /** Their size in data units; null when cells are drawn as they are. */
  readonly mark: MarkSize | null;
}

/** The read-out of one cell. */
export interface ReadingText {
  readonly x: string;
  readonly y: string;
  readonly value: string;
}
