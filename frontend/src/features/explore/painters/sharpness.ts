/** How sharply a plot is drawn: at half its resolution while it moves, where a sharp frame takes longer than a screen's. */
import { type Extent, sameExtent } from "../../../model/viewport.ts";

/** Device pixels for each drawn pixel, along both sides. */
export type Coarseness = 1 | 2;

/** Between two frames of most screens. */
const FRAME_MS = 16;
/** Others are slow by chance: by what else the machine does, by programs and textures that were new. */
const FRAMES = 4;
/** A plot that has not moved for so long is at rest, also while a gesture lasts. */
const REST_MS = 180;

export class Sharpness {
  private costs: readonly number[] = [];
  private viewport: Extent | null = null;
  private movedAt = Number.NEGATIVE_INFINITY;

  /** A sharp frame took so long until its pixels were there. */
  took(ms: number): void {
    this.costs = [...this.costs, ms].slice(-FRAMES);
  }

  /** The fastest of the last sharp frames was late. */
  get isSlow(): boolean {
    return this.costs.length > 0 && Math.min(...this.costs) > FRAME_MS;
  }

  /** Of a frame painted now; `restsIn`: milliseconds until it is to be painted sharply if nothing moves. */
  of(
    viewport: Extent,
    moving: boolean,
    now: number,
  ): { readonly coarseness: Coarseness; readonly restsIn: number | null } {
    if (this.viewport && !sameExtent(this.viewport, viewport)) this.movedAt = now;
    this.viewport = viewport;
    const restsIn = this.movedAt + REST_MS - now;
    return moving && restsIn > 0 && this.isSlow
      ? { coarseness: 2, restsIn }
      : { coarseness: 1, restsIn: null };
  }
}
