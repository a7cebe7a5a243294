/** What painters of one-dimensional pieces share: a 2-D canvas, and a height axis that fits what is in view. */
import type { GridPiece } from "../../../model/piece.ts";
import type { Quantity } from "../../../model/quantity.ts";
import type { Extent } from "../../../model/viewport.ts";
import type { Pixels } from "../../../net/socket/messages.ts";
import type { Range } from "../../../renderers/bars.ts";
import { BACKGROUNDS, cssColour, lookupTable } from "../../../renderers/colours.ts";
import type { Painted, Painter, PaintWorld } from "./painter.ts";

const EASE = 0.3;
/** Where on a map the colour of what has no category lies. */
const SHADE = 0.62;
const NO_RANGE: Range = { top: 0, bottom: 0 };

export interface FlatDrawing {
  /** As the legend has it. */
  readonly quantity: Quantity | null;
  /** What the height axis shall span; null: what it spans already. */
  readonly range: Range | null;
  readonly draw: () => void;
}

export abstract class FlatPainter implements Painter {
  protected readonly world: PaintWorld;
  protected readonly canvas: HTMLCanvasElement;
  protected readonly context: CanvasRenderingContext2D;
  private range: Range = NO_RANGE;

  constructor(world: PaintWorld, canvas: HTMLCanvasElement, context: CanvasRenderingContext2D) {
    this.world = world;
    this.canvas = canvas;
    this.context = context;
  }

  /** What is drawn of the pieces that are known; `quantity` is null before there is a picture. */
  protected abstract drawing(
    layers: readonly GridPiece[],
    quantity: Quantity | null,
    viewport: Extent,
  ): FlatDrawing;

  resize({ width, height }: Pixels): void {
    this.canvas.width = width;
    this.canvas.height = height;
  }

  paint(): Painted {
    const { session } = this.world;
    const { viewport, moving } = session.store.getState();
    this.fill(0, this.canvas.width, this.colours().hatch);
    if (!viewport) return { axes: null, again: null };
    const shown = (session.frames.picture ?? session.frames.incoming)?.quantity ?? null;
    const layers = shown ? session.frames.layers(viewport, session.pieces) : [];
    const { quantity, range, draw } = this.drawing(layers, shown, viewport);
    const again = range !== null && this.ease(range, moving);
    draw();
    this.world.legend.setState({ scale: null, quantity, markPixels: 0, mark: null });
    const { top, bottom } = this.range === NO_RANGE ? { top: 1, bottom: 0 } : this.range;
    return { axes: { ...viewport, y0: bottom, y1: top }, again: again ? 0 : null };
  }

  info(): Record<string, unknown> {
    return { webgl2: false, renderer: "canvas 2d" };
  }

  dispose(): void {
    this.range = NO_RANGE;
  }

  /** Pixels from the left, or from above, of a place in data units. */
  protected across(viewport: Extent, x: number): number {
    return ((x - viewport.x0) / (viewport.x1 - viewport.x0)) * this.canvas.width;
  }

  protected down(value: number): number {
    const { top, bottom } = this.range;
    return ((top - value) / (top - bottom)) * this.canvas.height;
  }

  /** The full height in one colour, from one pixel to another. */
  protected fill(left: number, right: number, colour: string): void {
    this.context.fillStyle = colour;
    this.context.fillRect(left, 0, right - left, this.canvas.height);
  }

  /** Behind what is known, where nothing is, of what has no category, and of lines on top of all. */
  protected colours(): { background: string; hatch: string; single: string; ink: string } {
    const look = this.world.look.getState();
    const background = BACKGROUNDS[look.background];
    const lut = lookupTable(look.map, look.reverse);
    const at = Math.round(SHADE * 255) * 4;
    return {
      background: cssColour(background?.background ?? [0, 0, 0]),
      ink: (background?.background[0] ?? 0) < 128 ? "#fff" : "#000",
      hatch: cssColour(background?.hatch ?? [40, 40, 40]),
      single: `rgb(${lut[at]} ${lut[at + 1]} ${lut[at + 2]})`,
    };
  }

  /** A longer axis at once, so that nothing is cut; a shorter one only after the gesture. True: it still eases. */
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
}
