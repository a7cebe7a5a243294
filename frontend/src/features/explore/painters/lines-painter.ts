/** Paints one-dimensional pieces as lines on a 2-D canvas; the height axis fits the numbers in view. */
import type { GridPiece } from "../../../model/piece.ts";
import { atPlace, placesOf, type Quantity } from "../../../model/quantity.ts";
import type { Extent } from "../../../model/viewport.ts";
import type { Range } from "../../../renderers/bars.ts";
import { CATEGORY_COLOURS, cssColour } from "../../../renderers/colours.ts";
import { columnEdge, type Stretch, stretchesOf, spanOf, walk } from "../../../renderers/lines.ts";
import { type FlatDrawing, FlatPainter } from "./flat-painter.ts";

const HEADROOM = 0.04;
/** Device-independent pixels. */
const STROKE = 1.5;
const BAND_ALPHA = 0.25;

export class LinesPainter extends FlatPainter {
  protected override drawing(
    layers: readonly GridPiece[],
    shown: Quantity | null,
    viewport: Extent,
  ): FlatDrawing {
    const { hidden } = this.world.look.getState();
    const stretches = stretchesOf(layers);
    const first = layers.at(-1);
    const places = shown && first ? placesOf(first, shown) : [];
    const quantities = places
      .filter((place) => place === null || !hidden.includes(place))
      .map((place) => atPlace(shown as Quantity, place));
    const span = spanOf(stretches, quantities, viewport);
    return {
      quantity: shown,
      range: span && roomy(span),
      draw: () => this.drawLines(stretches, quantities, viewport),
    };
  }

  private drawLines(stretches: readonly Stretch[], quantities: readonly Quantity[], viewport: Extent): void {
    const { background, single } = this.colours();
    for (const { piece, c0, c1 } of stretches) {
      const [left, right] = [columnEdge(piece, c0), columnEdge(piece, c1)].map((x) =>
        Math.round(this.across(viewport, x)),
      ) as [number, number];
      this.fill(Math.max(0, left), Math.min(this.canvas.width, right), background);
    }
    // The first category, which has most rows, lies on top.
    for (const quantity of quantities.toReversed())
      this.drawBand(stretches, quantity, viewport, colourOf(quantity, single));
    for (const quantity of quantities.toReversed())
      this.drawLine(stretches, quantity, viewport, colourOf(quantity, single));
  }

  private drawBand(
    stretches: readonly Stretch[],
    quantity: Quantity,
    viewport: Extent,
    colour: string,
  ): void {
    const { context } = this;
    if (!quantity.withinValue || quantity.finisher === "span") return;
    context.fillStyle = colour;
    context.globalAlpha = BAND_ALPHA;
    walk(stretches, quantity, {
      column: (x0, x1, _low, _high, least, greatest) => {
        const [from, to] = [Math.round(this.across(viewport, x0)), Math.round(this.across(viewport, x1))];
        const [top, bottom] = [this.down(greatest), this.down(least)];
        context.fillRect(from, top, Math.max(1, to - from), bottom - top);
      },
      join: () => undefined,
    });
    context.globalAlpha = 1;
  }

  private drawLine(
    stretches: readonly Stretch[],
    quantity: Quantity,
    viewport: Extent,
    colour: string,
  ): void {
    const { context } = this;
    const stroke = Math.max(1, Math.round(STROKE * devicePixelRatio));
    context.fillStyle = context.strokeStyle = colour;
    context.lineWidth = stroke;
    context.lineJoin = "round";
    context.beginPath();
    walk(stretches, quantity, {
      column: (x0, x1, low, high) => {
        const [from, to] = [this.across(viewport, x0), this.across(viewport, x1)];
        // A column that is wider than the line has it in its middle.
        const width = Math.max(stroke, to - from > 3 * stroke ? 0 : Math.round(to) - Math.round(from));
        const left = Math.round((from + to - width) / 2);
        const [top, bottom] = [this.down(high), this.down(low)];
        const shown = Math.max(bottom - top, stroke);
        context.fillRect(left, (top + bottom - shown) / 2, width, shown);
      },
      join: (fromX, from, toX, to) => {
        context.moveTo(this.across(viewport, fromX), this.down(from));
        context.lineTo(this.across(viewport, toX), this.down(to));
      },
    });
    context.stroke();
  }
}

function colourOf({ place }: Quantity, single: string): string {
  const colour = typeof place === "number" ? CATEGORY_COLOURS[place % CATEGORY_COLOURS.length] : undefined;
  return colour ? cssColour(colour) : single;
}

/** Room above and below; a lone number stands in the middle. */
function roomy({ top, bottom }: Range): Range {
  const room = top > bottom ? (top - bottom) * HEADROOM : Math.abs(top) * HEADROOM || 1;
  return { top: top + room, bottom: bottom - room };
}
