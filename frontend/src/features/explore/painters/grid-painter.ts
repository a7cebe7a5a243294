/** Paints two-dimensional pieces: chooses the colour scale and the size of marks, then draws. */
import { withoutCategories } from "../../../model/categories.ts";
import { EasedScale } from "../../../model/eased-scale.ts";
import type { Look } from "../../../model/look.ts";
import { markSize, type MarkSize } from "../../../model/marks.ts";
import { cellBits, type GridPiece } from "../../../model/piece.ts";
import { atPlace, isOfCategories, type Quantity } from "../../../model/quantity.ts";
import { type Sample, type Scale, scaleOf } from "../../../model/scale.ts";
import type { Extent } from "../../../model/viewport.ts";
import { visible } from "../../../model/visible.ts";
import type { Pixels } from "../../../net/socket/messages.ts";
import { BACKGROUNDS, CATEGORY_COLOURS, lookupTable } from "../../../renderers/colours.ts";
import type { GridRenderer } from "../../../renderers/grid.ts";
import type { Picture } from "../../../session/frames.ts";
import { type Coarseness, Sharpness } from "./sharpness.ts";
import type { Painted, Painter, PaintWorld } from "./painter.ts";

const NEUTRAL: Scale = { normalisation: "linear", lo: 0, hi: 1, table: null, areaBits: null, exponent: 0 };
const FLAT: Scale = { ...NEUTRAL, hi: 0 };
/** In place of a quantity while there is nothing to draw. */
const NOTHING: Quantity = {
  label: "",
  unit: "",
  finisher: "identity",
  planes: [],
  empty: "zero",
  growsWithArea: false,
  integer: true,
  withinValue: false,
  value: "",
  category: "",
};
/** Shares of filled cells below which lone marks are hard to see. */
const SPARSE = 0.3;
const VERY_SPARSE = 0.002;
const HATCH = 12;
/** In place of a viewport before the data's extent is known. */
const NOWHERE: Extent = { x0: 0, x1: 1, y0: 0, y1: 1 };

export class GridPainter implements Painter {
  private readonly world: PaintWorld;
  private readonly renderer: GridRenderer;
  private readonly canvas: HTMLCanvasElement;
  private readonly eased: EasedScale;
  private readonly sharpness = new Sharpness();
  /** Of a sharp frame. */
  private size: Pixels = { width: 1, height: 1 };
  private aimedAt = "";
  private share = 1;
  /** As of the last look at the cells: marks grow and shrink with the picture while a gesture lasts. */
  private mark: MarkSize | null = null;
  private lut: { key: string; table: Uint8Array<ArrayBuffer> } = { key: "", table: new Uint8Array() };

  constructor(world: PaintWorld, renderer: GridRenderer, canvas: HTMLCanvasElement) {
    this.world = world;
    this.canvas = canvas;
    this.renderer = renderer;
    this.eased = new EasedScale(world.reducedMotion);
  }

  resize(size: Pixels): void {
    this.size = size;
  }

  paint(now: number): Painted {
    const { session } = this.world;
    const { viewport, moving } = session.store.getState();
    const { coarseness, restsIn } = this.sharpness.of(viewport ?? NOWHERE, moving, now);
    this.fitCanvas(coarseness);
    const picture = session.frames.picture ?? session.frames.incoming;
    const look = this.world.look.getState();
    const quantity = picture?.quantity ? atPlace(picture.quantity, look.pick) : NOTHING;
    const hidden = isOfCategories(quantity) ? look.hidden : [];
    const known = viewport && picture?.quantity ? session.frames.layers(viewport, session.pieces) : [];
    const layers = known.map((piece) => withoutCategories(piece, hidden, CATEGORY_COLOURS));
    if (picture?.quantity && viewport) this.aim(picture, quantity, layers, viewport, now);
    const blend = this.eased.at(now) ?? { from: NEUTRAL, to: NEUTRAL, blend: 1 };
    const background = BACKGROUNDS[look.background] ?? { background: [0, 0, 0], hatch: [40, 40, 40] };
    const isDrawn = this.renderer.draw({
      viewport: viewport ?? NOWHERE,
      layers,
      quantity,
      base: blend.to.exponent === 0 ? this.base(quantity) : 0,
      exponent: blend.to.exponent,
      ...blend,
      ...background,
      lut: this.lookup(look),
      hatchPixels: (HATCH * devicePixelRatio) / coarseness,
      mark: this.mark,
    });
    if (isDrawn && coarseness === 1) this.renderer.measure((ms) => this.sharpness.took(ms));
    return { axes: viewport, again: blend.blend < 1 ? 0 : restsIn };
  }

  info(): Record<string, unknown> {
    return this.renderer.info();
  }

  dispose(): void {
    this.renderer.forget();
  }

  /** The page stretches a coarse canvas over the plot, without mixing colours that are on no map. */
  private fitCanvas(coarseness: Coarseness): void {
    const width = Math.ceil(this.size.width / coarseness);
    const height = Math.ceil(this.size.height / coarseness);
    this.canvas.style.imageRendering = coarseness > 1 ? "pixelated" : "";
    // Also the same size blanks a canvas.
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
  }

  /** Looks at the cells in view for a new scale, but never while a gesture lasts. */
  private aim(
    picture: Picture,
    quantity: Quantity,
    layers: readonly GridPiece[],
    viewport: Extent,
    now: number,
  ): void {
    const { session, look } = this.world;
    if (session.store.getState().moving && this.eased.target) return;
    const { map: _map, reverse: _reverse, background: _background, ...relevant } = look.getState();
    const arrived = session.frames.picture ? 0 : layers.length;
    const key = JSON.stringify([picture.viewId, picture.seq, picture.status, arrived, viewport, relevant]);
    if (key === this.aimedAt) return;
    const fresh = this.aimedAt === "";
    this.aimedAt = key;
    const { sample, cells, filled } = visible(layers, viewport, quantity);
    this.share = cells > 0 ? filled / cells : 1;
    const scale = sample && this.scaleFor(sample, quantity, layers, relevant);
    // Easing takes as many frames as there is time for: slow ones would keep the next gesture waiting.
    if (scale) this.eased.aim(scale, now, fresh || this.sharpness.isSlow);
    const markPixels = this.markPixels(look.getState());
    const pixels = Math.ceil(markPixels * devicePixelRatio);
    this.mark = markPixels > 1 ? markSize(viewport, this.size, pixels) : null;
    this.world.legend.setState({ scale: this.eased.target, quantity, markPixels, mark: this.mark });
  }

  private scaleFor(
    sample: Sample,
    quantity: Quantity,
    layers: readonly GridPiece[],
    look: Pick<Look, "normalisation" | "range" | "lo" | "hi">,
  ): Scale {
    // Full colours: a place among the categories is no size.
    if (quantity.finisher === "mode") return FLAT;
    const top = layers.at(-1);
    const area = top && quantity.growsWithArea ? cellBits(top) : null;
    // Equal shares are of what is in view; a fixed range has no meaning for them.
    if (look.normalisation === "eq_hist" || look.range === "view")
      return scaleOf(sample, look.normalisation, area);
    if (look.range === "locked")
      return scaleOf({ ...sample, lo: look.lo, hi: look.hi }, look.normalisation, null);
    const column = quantity.withinValue ? this.column(quantity.value) : null;
    const { lo, hi } = sample;
    return scaleOf({ ...sample, lo: column?.min ?? lo, hi: column?.max ?? hi }, look.normalisation, area);
  }

  private column(name: string) {
    return this.world.session.store.getState().columns.find((column) => column.name === name) ?? null;
  }

  private base(quantity: Quantity): number {
    const offset = quantity.withinValue && quantity.empty === "no_value";
    return offset ? (this.column(quantity.value)?.min ?? 0) : 0;
  }

  private markPixels(look: Look): number {
    if (look.spread === "off") return 1;
    if (look.spread !== "auto") return look.spread;
    if (this.share > SPARSE) return 1;
    return this.share > VERY_SPARSE ? 2 : 3;
  }

  private lookup(look: Look): Uint8Array<ArrayBuffer> {
    const key = `${look.map}/${look.reverse}`;
    if (this.lut.key !== key) this.lut = { key, table: lookupTable(look.map, look.reverse) };
    return this.lut.table;
  }
}
