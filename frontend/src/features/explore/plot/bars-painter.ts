/** Paints one-dimensional pieces as bars on a 2-D canvas; the height axis fits what is in view. */
import { finish } from "../../../model/finishers.ts";
import { cellBits, type Cells, type GridPiece } from "../../../model/piece.ts";
import type { Quantity } from "../../../model/quantity.ts";
import type { Extent } from "../../../model/viewport.ts";
import { windowOf } from "../../../model/visible.ts";
import { BACKGROUNDS, cssColour, lookupTable } from "../../../renderers/colours.ts";
import type { Painted, Painter, PaintWorld } from "./painter.ts";

const EASE = 0.3;
const HEADROOM = 1.06;
const BAR_SHADE = 0.62;

export class BarsPainter implements Painter {
  private readonly world: PaintWorld;
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private top = 0;

  constructor(world: PaintWorld, canvas: HTMLCanvasElement, context: CanvasRenderingContext2D) {
    this.world = world;
    this.canvas = canvas;
    this.context = context;
  }

  paint(): Painted {
    const { session } = this.world;
    const { viewport, moving } = session.store.getState();
    this.fillBackground();
    if (!viewport) return { axes: null, again: false };
    const quantity = (session.frames.picture ?? session.frames.incoming)?.quantity;
    const bars = quantity ? barsOf(session.frames.layers(viewport, session.pieces), quantity) : [];
    const wanted = Math.max(quantity?.integer === false ? 0 : 1, tallest(bars, viewport)) * HEADROOM || 1;
    // A higher axis at once, so that no bar is cut; a lower one only after the gesture.
    if (this.top === 0 || wanted > this.top || this.world.reducedMotion) this.top = wanted;
    else if (!moving) this.top += (wanted - this.top) * EASE;
    const again = !moving && Math.abs(this.top - wanted) > wanted * 0.002;
    if (!again && !moving) this.top = wanted;
    for (const each of bars) this.drawBars(each, viewport);
    this.world.legend.setState({ scale: null, quantity: null, markPixels: 0, mark: null });
    return { axes: { ...viewport, y0: 0, y1: this.top }, again };
  }

  info(): Record<string, unknown> {
    return { webgl2: false, renderer: "canvas 2d" };
  }

  dispose(): void {
    this.top = 0;
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

  private drawBars({ piece, heights, factor }: Bars, viewport: Extent): void {
    const { context, canvas } = this;
    const colours = this.colours();
    const pixel = (x: number) => ((x - viewport.x0) / (viewport.x1 - viewport.x0)) * canvas.width;
    const left = Math.max(0, pixel(piece.extent.x0));
    const right = Math.min(canvas.width, pixel(piece.extent.x1));
    context.fillStyle = colours.background;
    context.fillRect(left, 0, right - left, canvas.height);
    if (!heights) return;
    const width = (piece.extent.x1 - piece.extent.x0) / piece.width;
    const { c0, c1 } = windowOf(piece, viewport);
    context.fillStyle = colours.bar;
    for (let i = c0; i < c1; i += 1) {
      const height = (((heights[i] as number) * factor) / this.top) * canvas.height;
      // An empty bin is 0 or NaN.
      if (!(height > 0)) continue;
      const from = Math.round(pixel(piece.extent.x0 + i * width));
      const to = Math.round(pixel(piece.extent.x0 + (i + 1) * width));
      const gap = to - from > 4 * devicePixelRatio ? Math.round(devicePixelRatio) : 0;
      // A bin with a single row is still seen.
      const shown = Math.max(height, devicePixelRatio);
      context.fillRect(from, canvas.height - shown, Math.max(1, to - from - gap), shown);
    }
  }
}

interface Bars {
  readonly piece: GridPiece;
  /** Null: every bin is empty. */
  readonly heights: Cells | null;
  /** From the piece's cells to those of the topmost piece, where numbers grow with the area. */
  readonly factor: number;
}

function barsOf(layers: readonly GridPiece[], quantity: Quantity): Bars[] {
  const top = layers.at(-1);
  return layers.map((piece) => ({
    piece,
    heights: finish(piece, quantity),
    factor: top && quantity.growsWithArea ? 2 ** (cellBits(top) - cellBits(piece)) : 1,
  }));
}

function tallest(bars: readonly Bars[], viewport: Extent): number {
  let most = 0;
  for (const { piece, heights, factor } of bars) {
    if (!heights) continue;
    const { c0, c1 } = windowOf(piece, viewport);
    for (let i = c0; i < c1; i += 1) {
      const height = (heights[i] as number) * factor;
      if (height > most) most = height;
    }
  }
  return most;
}
