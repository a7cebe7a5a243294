/** Scrolling through more rows than a browser lets an element be tall. */

/** Each row is this tall, and so is the head above them. */
export const ROW_PX = 24;
/** Below what browsers cap heights at: 17.8e6 px in Firefox, 33.5e6 px in Chrome and Safari. */
const TALLEST_PX = 10_000_000;
/** Farther than a wheel or a finger moves between two frames; one pixel of a scrollbar moves a tall element more. */
const SHORT_PX = 4000;
/** Of a row. */
const ROUNDING = 1e-6;

/**
 * The place in all rows, for an element that may be less tall than they are. A small move of the element moves the rows by
 * as many pixels; a long one (of the scrollbar) goes to the same share of all rows. `settle` brings both together
 * again once the element rests.
 */
export class TallScroll {
  /** Pixels from the top of the first row to the top of what is in view. */
  top = 0;
  private readonly rows: number;
  private readonly viewPx: number;
  private element = 0;

  constructor(rows: number, viewPx: number) {
    this.rows = rows;
    this.viewPx = viewPx;
  }

  /** How tall the element is that holds the rows. */
  get elementPx(): number {
    return Math.min(this.rows * ROW_PX, TALLEST_PX);
  }

  /** The first row in view, and the last one. */
  get inView(): readonly [number, number] {
    const last = Math.ceil((this.top + this.viewPx) / ROW_PX - ROUNDING) - 1;
    return [Math.floor(this.top / ROW_PX + ROUNDING), Math.max(0, Math.min(last, this.rows - 1))];
  }

  /** Where a row lies in the element, as it is scrolled now. */
  placeOf(row: number): number {
    return this.element + row * ROW_PX - this.top;
  }

  /** The element was scrolled to `scrollTop`. */
  moved(scrollTop: number): void {
    const by = scrollTop - this.element;
    this.element = scrollTop;
    if (scrollTop <= 0) this.top = 0;
    else if (scrollTop >= this.elementFurthest - 1 && this.scale > 1) this.top = this.furthest;
    else this.top = this.clamp(Math.abs(by) <= SHORT_PX ? this.top + by : scrollTop * this.scale);
  }

  /** Goes to the place of a row; returns the `scrollTop` that the element gets. */
  to(row: number): number {
    this.top = this.clamp(row * ROW_PX);
    return this.settle();
  }

  /** Returns the `scrollTop` at which the element's share is that of the rows. */
  settle(): number {
    this.element = this.scale === 0 ? 0 : this.top / this.scale;
    return this.element;
  }

  /** The element is at `scrollTop`, with the same rows in view. */
  rested(scrollTop: number): void {
    this.element = scrollTop;
  }

  /** The same place, for other rows or another height of the view. */
  resized(rows: number, viewPx: number): TallScroll {
    const next = new TallScroll(rows, viewPx);
    next.top = next.clamp(this.top);
    next.settle();
    return next;
  }

  private get furthest(): number {
    return Math.max(0, this.rows * ROW_PX - this.viewPx);
  }

  private get elementFurthest(): number {
    return Math.max(0, this.elementPx - this.viewPx);
  }

  /** Pixels of rows for one of the element. */
  private get scale(): number {
    return this.elementFurthest === 0 ? 0 : this.furthest / this.elementFurthest;
  }

  private clamp(top: number): number {
    return Math.min(Math.max(0, top), this.furthest);
  }
}
