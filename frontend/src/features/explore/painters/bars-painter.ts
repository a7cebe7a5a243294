/** Paints one-dimensional pieces as bars on a 2-D canvas, from zero up or down; the height axis fits what is in view. */
import { withoutCategories } from "../../../model/categories.ts";
import type { GridPiece } from "../../../model/piece.ts";
import { atPlace, isOfCategories, type Quantity } from "../../../model/quantity.ts";
import type { Extent } from "../../../model/viewport.ts";
import { windowOf } from "../../../model/visible.ts";
import { CATEGORY_COLOURS, cssColour } from "../../../renderers/colours.ts";
import { type Bars, barsOf, isEmptyBin, rangeOf, type Range } from "../../../renderers/bars.ts";
import { type FlatDrawing, FlatPainter } from "./flat-painter.ts";

const HEADROOM = 1.06;
/** Share of a step that is free between two bars: categories are no range of numbers. */
const STEP_GAP = 0.2;
/** Half of the cap on an interval at most, in device-independent pixels. */
const CAP = 5;

export class BarsPainter extends FlatPainter {
  protected override drawing(
    known: readonly GridPiece[],
    shown: Quantity | null,
    viewport: Extent,
  ): FlatDrawing {
    const { session } = this.world;
    const look = this.world.look.getState();
    const quantity = shown ? atPlace(shown, look.pick) : null;
    const hidden = quantity && isOfCategories(quantity) ? look.hidden : [];
    const layers = known.map((piece) => withoutCategories(piece, hidden, CATEGORY_COLOURS));
    const bars = quantity ? barsOf(layers, quantity) : [];
    const picture = session.frames.picture ?? session.frames.incoming;
    const free = picture?.axes?.x.steps ? STEP_GAP : 0;
    return {
      quantity,
      range: wanted(rangeOf(bars, viewport), quantity?.integer !== false),
      draw: () => {
        for (const each of bars) this.drawBars(each, viewport, free);
      },
    };
  }

  private drawBars(bars: Bars, viewport: Extent, free: number): void {
    const { context, canvas } = this;
    const { piece, stacks, factor } = bars;
    const colours = this.colours();
    const pixel = (x: number) => this.across(viewport, x);
    const left = Math.max(0, pixel(piece.extent.x0));
    const right = Math.min(canvas.width, pixel(piece.extent.x1));
    this.fill(left, right, colours.background);
    const width = (piece.extent.x1 - piece.extent.x0) / piece.width;
    const { c0, c1 } = windowOf(piece, viewport);
    for (let i = c0; i < c1; i += 1) {
      const from = Math.round(pixel(piece.extent.x0 + i * width));
      const to = Math.round(pixel(piece.extent.x0 + (i + 1) * width));
      const least = to - from > 4 * devicePixelRatio ? Math.round(devicePixelRatio) : 0;
      const gap = Math.max(least, Math.round((to - from) * free));
      let base = 0;
      for (const stack of stacks) {
        const value = (stack.heights[i] as number) * factor;
        if (isEmptyBin(value, bars.zeroIsEmpty)) continue;
        const colour = stack.colourAt(i);
        context.fillStyle = colour ? cssColour(colour) : colours.single;
        this.fillBar(from + Math.floor(gap / 2), Math.max(1, to - from - gap), base, base + value);
        base += value;
      }
      const interval = bars.intervalOf(i);
      if (interval) this.drawInterval((from + to) / 2, Math.max(1, to - from - gap), interval, colours);
    }
  }

  /** A line between both ends, with a cap on each where the bar has room for it, seen on the bar and beside it. */
  private drawInterval(
    middle: number,
    width: number,
    [low, high]: readonly [number, number],
    { background, ink }: { background: string; ink: string },
  ): void {
    const { context } = this;
    const line = Math.max(1, Math.round(devicePixelRatio));
    const cap = width > 6 * line ? Math.min(width / 4, CAP * devicePixelRatio) : 0;
    const [top, bottom] = [Math.round(this.down(high)), Math.round(this.down(low))];
    const strokes = (colour: string, edge: number) => {
      const across = (half: number) =>
        [Math.round(middle - half) - edge, Math.round(half * 2) + 2 * edge] as const;
      context.fillStyle = colour;
      const [x, thick] = across(line / 2);
      context.fillRect(x, top - edge, thick, bottom - top + 2 * edge);
      if (cap === 0) return;
      const [left, long] = across(cap);
      for (const y of [top, bottom - line]) context.fillRect(left, y - edge, long, line + 2 * edge);
    };
    if (width > 4 * line) strokes(background, line);
    strokes(ink, 0);
  }

  private fillBar(x: number, width: number, from: number, to: number): void {
    const [high, low] = [Math.min(this.down(from), this.down(to)), Math.max(this.down(from), this.down(to))];
    // A bin with a single row is still seen, and so is one whose number is zero.
    const shown = Math.max(low - high, devicePixelRatio);
    this.context.fillRect(x, to < from ? high : low - shown, width, shown);
  }
}

/** Room beside the longest bars; counts have at least room for one. */
function wanted({ top, bottom }: Range, integer: boolean): Range {
  const most = integer && bottom === 0 ? Math.max(1, top) : top;
  if (most === bottom) return { top: HEADROOM, bottom };
  return { top: most * HEADROOM, bottom: bottom * HEADROOM };
}
