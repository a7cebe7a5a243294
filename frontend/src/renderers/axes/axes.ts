/** SVG axes that follow the viewport in every painted frame, without React. */
import type { Extent } from "../../model/viewport.ts";
import { type AxisScale, scaleTicks } from "./scales.ts";
import { stepTicks } from "./steps.ts";
import { dayOf, type Tick } from "./ticks.ts";

export interface AxisLook extends AxisScale {
  readonly title: string;
}

const SVG = "http://www.w3.org/2000/svg";
const TICK = 5;
const PIXELS_PER_X_TICK = 110;
const PIXELS_PER_Y_TICK = 56;

export class Axes {
  private readonly x: AxisView;
  private readonly y: AxisView;

  constructor(x: SVGSVGElement, y: SVGSVGElement) {
    this.x = new AxisView(x, "x");
    this.y = new AxisView(y, "y");
  }

  draw(extent: Extent, size: { width: number; height: number }, looks: { x: AxisLook; y: AxisLook }): void {
    this.x.draw(extent.x0, extent.x1, size.width, looks.x);
    this.y.draw(extent.y0, extent.y1, size.height, looks.y);
  }
}

class AxisView {
  private readonly svg: SVGSVGElement;
  private readonly side: "x" | "y";
  private readonly marks: SVGGElement[] = [];
  private readonly title: SVGTextElement;

  constructor(svg: SVGSVGElement, side: "x" | "y") {
    this.svg = svg;
    this.side = side;
    svg.replaceChildren();
    this.title = document.createElementNS(SVG, "text");
    this.title.setAttribute("class", "title");
    this.title.setAttribute("text-anchor", "middle");
    svg.append(this.title);
  }

  draw(lo: number, hi: number, length: number, look: AxisLook): void {
    // Read before anything is written: a read in between would lay the page out once for each tick.
    const { clientWidth, clientHeight } = this.svg;
    const spacing = this.side === "x" ? PIXELS_PER_X_TICK : PIXELS_PER_Y_TICK;
    const ticks = look.steps
      ? stepTicks(look.steps, lo, hi, this.side, length)
      : scaleTicks(look, lo, hi, Math.max(2, Math.floor(length / spacing)));
    ticks.forEach((tick, index) => {
      const at = ((tick.at - lo) / (hi - lo)) * length;
      const [x, y] = this.side === "x" ? [at, 0] : [clientWidth, length - at];
      place(this.mark(index), tick, x, y);
    });
    this.marks.forEach((mark, index) =>
      write(mark, "visibility", index < ticks.length ? "visible" : "hidden"),
    );
    const { width = 1 } = look;
    const day = dayOf(look.type, lo * width, hi * width);
    const title = day ? `${look.title} · ${day}` : look.title;
    if (this.title.textContent !== title) this.title.textContent = title;
    const middle =
      this.side === "x"
        ? `translate(${length / 2} ${clientHeight - 6})`
        : `translate(13 ${length / 2}) rotate(-90)`;
    write(this.title, "transform", middle);
    write(this.svg, "viewBox", `0 0 ${Math.max(1, clientWidth)} ${Math.max(1, clientHeight)}`);
  }

  private mark(index: number): SVGGElement {
    let mark = this.marks[index];
    if (!mark) {
      mark = document.createElementNS(SVG, "g");
      const line = document.createElementNS(SVG, "line");
      const label = document.createElementNS(SVG, "text");
      line.setAttribute(this.side === "x" ? "y2" : "x2", String(this.side === "x" ? TICK : -TICK));
      label.setAttribute("text-anchor", this.side === "x" ? "middle" : "end");
      label.setAttribute("dominant-baseline", this.side === "x" ? "hanging" : "middle");
      if (this.side === "x") move(label, 0, TICK + 4);
      else move(label, -TICK - 4, 0);
      mark.append(line, label);
      this.svg.append(mark);
      this.marks.push(mark);
    }
    return mark;
  }
}

function place(mark: SVGGElement, tick: Tick, x: number, y: number): void {
  write(mark, "transform", `translate(${x.toFixed(2)} ${y.toFixed(2)})`);
  const label = mark.lastElementChild;
  if (label && label.textContent !== tick.label) label.textContent = tick.label;
}

function write(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function move(element: Element, x: number, y: number): void {
  element.setAttribute("x", String(x));
  element.setAttribute("y", String(y));
}
