/** The keyboard's pointer on the plot: a crosshair that reads cells, and a box to zoom to. */
import type { Axes, Place } from "../../../model/viewport.ts";

export interface Box {
  readonly a: Place;
  readonly b: Place;
}

export interface CursorTarget {
  axes: () => Axes;
  /** Where a crosshair at `at` lands when it goes that many cells right and up; (0, 0) is the middle of its cell. */
  step: (at: Place, right: number, up: number) => Place;
  /** Null: no crosshair. */
  cross: (at: Place | null) => void;
  /** Null: no box. */
  box: (box: Box | null) => void;
  zoom: (box: Box) => void;
  /** Asks for the rows at the crosshair. */
  rows: (at: Place) => void;
}

const CENTRE: Place = { u: 0.5, v: 0.5 };
const FAR_CELLS = 10;
const BOX_STEP = 0.02;
const BOX_FAR_STEP = 0.1;
/** The first size of a box to each side, so that it is seen at once. */
const BOX_START = 0.1;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowDown: [0, -1],
  ArrowUp: [0, 1],
};

export class Cursor {
  private readonly target: CursorTarget;
  private crossAt: Place | null = null;
  private box: Box | null = null;

  constructor(target: CursorTarget) {
    this.target = target;
  }

  /** Does what a key means for the crosshair or the box; false when it means nothing to them. */
  press(key: string, far: boolean): boolean {
    if (key === "h" || key === "H") this.placeCross(this.crossAt ? null : this.target.step(CENTRE, 0, 0));
    else if (key === "z" || key === "Z") this.placeBox(this.box ? swapped(this.box) : this.newBox());
    else if (this.box) return this.pressInBox(this.box, key, far);
    else if (this.crossAt) return this.pressInCross(this.crossAt, key, far);
    else return false;
    return true;
  }

  /** The pointer is used, or the plot is left. */
  stop(): void {
    if (this.box) this.placeBox(null);
    if (this.crossAt) this.placeCross(null);
  }

  private pressInBox(box: Box, key: string, far: boolean): boolean {
    const arrow = ARROWS[key];
    if (arrow) this.placeBox({ a: box.a, b: moved(box.b, arrow, far ? BOX_FAR_STEP : BOX_STEP) });
    else if (key === "Enter") {
      this.placeBox(null);
      this.target.zoom(box);
    } else if (key === "Escape") this.placeBox(null);
    else return false;
    return true;
  }

  private pressInCross(at: Place, key: string, far: boolean): boolean {
    const arrow = ARROWS[key];
    const cells = far ? FAR_CELLS : 1;
    if (arrow) this.placeCross(this.target.step(at, arrow[0] * cells, arrow[1] * cells));
    else if (key === "Enter") this.target.rows(at);
    else if (key === "Escape") this.placeCross(null);
    else return false;
    return true;
  }

  /** From the crosshair, or around the centre. */
  private newBox(): Box {
    if (this.crossAt) return { a: this.crossAt, b: moved(this.crossAt, [1, 1], BOX_START) };
    return { a: moved(CENTRE, [-1, -1], BOX_START), b: moved(CENTRE, [1, 1], BOX_START) };
  }

  private placeBox(box: Box | null): void {
    const flat = box !== null && this.target.axes() === "x";
    this.box = flat ? { a: { u: box.a.u, v: 0 }, b: { u: box.b.u, v: 1 } } : box;
    this.target.box(this.box);
  }

  private placeCross(at: Place | null): void {
    this.crossAt = at;
    this.target.cross(at);
  }
}

function swapped({ a, b }: Box): Box {
  return { a: b, b: a };
}

function moved(at: Place, [right, up]: readonly [number, number], by: number): Place {
  return { u: within(at.u + right * by), v: within(at.v + up * by) };
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}
