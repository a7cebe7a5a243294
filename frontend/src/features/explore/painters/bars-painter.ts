/** Paints one-dimensional pieces as bars on a 2-D canvas, from zero up or down; the height axis fits what is in view. */
import { withoutCategories } from "../../../model/categories.ts";
import { atPlace, isOfCategories } from "../../../model/quantity.ts";
import type { Extent } from "../../../model/viewport.ts";
import { windowOf } from "../../../model/visible.ts";
import type { Pixels } from "../../../net/socket/messages.ts";
import { BACKGROUNDS, CATEGORY_COLOURS, cssColour, lookupTable } from "../../../renderers/colours.ts";
import { type Bars, barsOf, isEmptyBin, rangeOf, type Range } from "../../../renderers/bars.ts";
import type { Painted, Painter, PaintWorld } from "./painter.ts";

const EASE = 0.3;
const HEADROOM = 1.06;
const BAR_SHADE = 0.62;
/** Share of a step that is free between two bars: categories are no range of numbers. */
const STEP_GAP = 0.2;
const NO_RANGE: Range = { top: 0, bottom: 0 };

export class BarsPainter implements Painter {
  private readonly world: PaintWorld;
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private range: Range = NO_RANGE;

  constructor(world: PaintWorld, canvas: HTMLCanvasElement, context: CanvasRenderingContext2D) {
    this.world = world;
    this.canvas = canvas;
    this.context = context;
  }

  resize({ width, height }: Pixels): void {
    this.canvas.width = width;
    this.canvas.height = height;
  }

  paint(): Painted {
    const { session } = this.world;
    const { viewport, moving } = session.store.getState();
    this.fillBackground();
    if (!viewport) return { axes: null, again: null };
    const look = this.world.look.getState();
    const shown = (session.frames.picture ?? session.frames.incoming)?.quantity;
    const quantity = shown ? atPlace(shown, look.pick) : null;
    const hidden = quantity && isOfCategories(quantity) ? look.hidden : [];
    const known = quantity ? session.frames.layers(viewport, session.pieces) : [];
    const layers = known.map((piece) => withoutCategories(piece, hidden, CATEGORY_COLOURS));
    const bars = quantity ? barsOf(layers, quantity) : [];
    const again = this.ease(wanted(rangeOf(bars, viewport), quantity?.integer !== false), moving);
    const picture = session.frames.picture ?? session.frames.incoming;
    for (const each of bars) this.drawBars(each, viewport, picture?.axes?.x.steps ? STEP_GAP : 0);
    this.world.legend.setState({ scale: null, quantity, markPixels: 0, mark: null });
    return { axes: { ...viewport, y0: this.range.bottom, y1: this.range.top }, again: again ? 0 : null };
  }

  /** A longer axis at once, so that no bar is cut; a shorter one only after the gesture. True: it still eases. */
  private ease(to: Range, moving: boolean): boolean {
    const { top, bottom } = this.range;
    const size = to.top - to.bottom;
    const ended = { top: Math.max(top, to.top), bottom: Math.min(bottom, to.bottom) };
    if (this.range === NO_RANGE || this.world.reducedMotion) this.range = to;
    else if (moving) this.range = ended;
    else {
      const toward = (from: number, end: number) => from + (end - from) * EASE;
      this.range = { top: toward(ended.top, to.top), bottom: toward(ended.bottom, to.bottom) };
    }
    const off = Math.max(this.range.top - to.top, to.bottom - this.range.bottom);
    if (moving || off > size * 0.002) return !moving;
    this.range = to;
    return false;
  }

  info(): Record<string, unknown> {
    return { webgl2: false, renderer: "canvas 2d" };
  }

  dispose(): void {
    this.range = NO_RANGE;
  }

  private fillBackground(): void {
    const { context, canvas } = this;
    const { hatch } = this.colours();
    context.fillStyle = hatch;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }

  private colours(): { background: string; hatch: string; bar: string } {
    const look = this.world.look.getState();
    const background = BACKGROUNDS[look.background];
    const lut = lookupTable(look.map, look.reverse);
    const at = Math.round(BAR_SHADE * 255) * 4;
    return {
      background: cssColour(background?.background ?? [0, 0, 0]),
      hatch: cssColour(background?.hatch ?? [40, 40, 40]),
      bar: `rgb(${lut[at]} ${lut[at + 1]} ${lut[at + 2]})`,
    };
  }

  private drawBars(bars: Bars, viewport: Extent, free: number): void {
    const { context, canvas } = this;
    const { piece, stacks, factor } = bars;
    const colours = this.colours();
    const pixel = (x: number) => ((x - viewport.x0) / (viewport.x1 - viewport.x0)) * canvas.width;
    const left = Math.max(0, pixel(piece.extent.x0));
    const right = Math.min(canvas.width, pixel(piece.extent.x1));
    context.fillStyle = colours.background;
    context.fillRect(left, 0, right - left, canvas.height);
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
        context.fillStyle = colour ? cssColour(colour) : colours.bar;
        this.fillBar(from + Math.floor(gap / 2), Math.max(1, to - from - gap), base, base + value);
        base += value;
      }
    }
  }

  private fillBar(x: number, width: number, from: number, to: number): void {
    const { top, bottom } = this.range;
    const y = (value: number) => ((top - value) / (top - bottom)) * this.canvas.height;
    const [high, low] = [Math.min(y(from), y(to)), Math.max(y(from), y(to))];
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
