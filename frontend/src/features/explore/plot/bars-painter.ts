/** Paints one-dimensional pieces as bars on a 2-D canvas; the height axis fits what is in view. */
import { rowsOf } from "../../../model/finish.ts";
import { cellArea, type GridPiece } from "../../../model/piece.ts";
import type { Extent } from "../../../model/viewport.ts";
import { windowOf } from "../../../model/visible.ts";
import { cssColour, GROUNDS, lookupTable } from "../../../renderers/colours.ts";
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
    this.fillGround();
    if (!viewport) return { axes: null, again: false };
    const layers = session.frames.layers(viewport, session.pieces);
    const area = layers.length > 0 ? cellArea(layers.at(-1) as GridPiece) : 1;
    const wanted = Math.max(1, tallest(layers, viewport, area)) * HEADROOM;
    // A higher axis at once, so that no bar is cut; a lower one only after the gesture.
    if (this.top === 0 || wanted > this.top || this.world.reducedMotion) this.top = wanted;
    else if (!moving) this.top += (wanted - this.top) * EASE;
    const again = !moving && Math.abs(this.top - wanted) > wanted * 0.002;
    if (!again && !moving) this.top = wanted;
    for (const piece of layers) this.drawPiece(piece, viewport, area);
    this.world.legend.setState({ scale: null, quantity: null, markPixels: 0 });
    return { axes: { ...viewport, y0: 0, y1: this.top }, again };
  }

  info(): Record<string, unknown> {
    return { webgl2: false, renderer: "canvas 2d" };
  }

  dispose(): void {
    this.top = 0;
  }

  private fillGround(): void {
    const { context, canvas } = this;
    const { hatch } = this.colours();
    context.fillStyle = hatch;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }

  private colours(): { ground: string; hatch: string; bar: string } {
    const look = this.world.look.getState();
    const ground = GROUNDS[look.ground];
    const lut = lookupTable(look.map, look.reverse);
    const at = Math.round(BAR_SHADE * 255) * 4;
    return {
      ground: cssColour(ground?.ground ?? [0, 0, 0]),
      hatch: cssColour(ground?.hatch ?? [40, 40, 40]),
      bar: `rgb(${lut[at]} ${lut[at + 1]} ${lut[at + 2]})`,
    };
  }

  private drawPiece(piece: GridPiece, viewport: Extent, area: number): void {
    const { context, canvas } = this;
    const colours = this.colours();
    const pixel = (x: number) => ((x - viewport.x0) / (viewport.x1 - viewport.x0)) * canvas.width;
    const left = Math.max(0, pixel(piece.extent.x0));
    const right = Math.min(canvas.width, pixel(piece.extent.x1));
    context.fillStyle = colours.ground;
    context.fillRect(left, 0, right - left, canvas.height);
    const rows = rowsOf(piece);
    if (!rows) return;
    const width = (piece.extent.x1 - piece.extent.x0) / piece.width;
    const factor = area / cellArea(piece);
    const { c0, c1 } = windowOf(piece, viewport);
    context.fillStyle = colours.bar;
    for (let i = c0; i < c1; i += 1) {
      const height = (((rows[i] as number) * factor) / this.top) * canvas.height;
      if (height <= 0) continue;
      const from = Math.round(pixel(piece.extent.x0 + i * width));
      const to = Math.round(pixel(piece.extent.x0 + (i + 1) * width));
      const gap = to - from > 4 * devicePixelRatio ? Math.round(devicePixelRatio) : 0;
      // A bin with a single row is still seen.
      const shown = Math.max(height, devicePixelRatio);
      context.fillRect(from, canvas.height - shown, Math.max(1, to - from - gap), shown);
    }
  }
}

function tallest(layers: readonly GridPiece[], viewport: Extent, area: number): number {
  let most = 0;
  for (const piece of layers) {
    const rows = rowsOf(piece);
    if (!rows) continue;
    const { c0, c1 } = windowOf(piece, viewport);
    const factor = area / cellArea(piece);
    for (let i = c0; i < c1; i += 1) most = Math.max(most, (rows[i] as number) * factor);
  }
  return most;
}
