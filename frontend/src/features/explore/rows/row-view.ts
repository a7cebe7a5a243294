/** The box that shows rows: scrolls through all of them, by wheel, scrollbar and keys. */
import { createStore } from "zustand/vanilla";
import { after } from "../../../net/after.ts";
import type { RowPanel } from "./row-panel.ts";
import { ROW_PX, TallScroll } from "./tall-scroll.ts";

/** Rows beyond those in view that are drawn already. */
const AHEAD = 8;
/** A box that rests this long is put to the place that its rows have. */
const REST_MS = 150;

export interface DrawnRows {
  readonly first: number;
  readonly last: number;
  /** Room above the first one. */
  readonly abovePx: number;
  /** Room of all rows and of the head. */
  readonly roomPx: number;
}

export class RowView {
  readonly store = createStore<DrawnRows>(() => ({ first: 0, last: -1, abovePx: 0, roomPx: 0 }));
  private readonly panel: RowPanel;
  private scroll = new TallScroll(0, 0);
  private box: HTMLElement | null = null;
  private stopRest: () => void = () => undefined;

  constructor(panel: RowPanel) {
    this.panel = panel;
  }

  /** Shows rows in `box` until the function that it returns is called. */
  attach(box: HTMLElement): () => void {
    this.box = box;
    const resize = new ResizeObserver(() => this.resize());
    resize.observe(box);
    const events = new AbortController();
    box.addEventListener("scroll", () => this.moved(), { signal: events.signal, passive: true });
    box.addEventListener("keydown", (event) => this.press(event), { signal: events.signal });
    const stop = this.panel.store.subscribe((now, before) => {
      if (now.reach !== before.reach) this.resize();
      if (now.target !== before.target) this.place(this.scroll.to(now.target.row));
    });
    this.resize();
    this.place(this.scroll.to(this.panel.store.getState().target.row));
    return () => {
      stop();
      events.abort();
      resize.disconnect();
      this.stopRest();
      this.box = null;
    };
  }

  private resize(): void {
    const viewPx = Math.max(0, (this.box?.clientHeight ?? 0) - ROW_PX);
    this.scroll = this.scroll.resized(this.panel.store.getState().reach, viewPx);
    this.place(this.scroll.settle());
  }

  private moved(): void {
    this.scroll.moved(this.box?.scrollTop ?? 0);
    this.draw();
    this.stopRest();
    this.stopRest = after(REST_MS, () => this.place(this.scroll.settle()));
  }

  private press(event: KeyboardEvent): void {
    const [first, last] = this.scroll.inView;
    const row = rowOfKey(event.key, first, last);
    // A button of the head has keys of its own.
    if (row === null || event.target !== this.box) return;
    event.preventDefault();
    this.place(this.scroll.to(row));
  }

  private place(scrollTop: number): void {
    const { box } = this;
    if (box && Math.abs(box.scrollTop - scrollTop) >= 1) box.scrollTop = scrollTop;
    // Browsers round it.
    if (box) this.scroll.rested(box.scrollTop);
    this.draw();
  }

  private draw(): void {
    const { scroll } = this;
    const [first, last] = scroll.inView;
    const rows = this.panel.store.getState().reach;
    const start = Math.max(0, first - AHEAD);
    const abovePx = scroll.placeOf(start);
    const roomPx = scroll.elementPx + ROW_PX;
    this.store.setState({ first: start, last: Math.min(rows - 1, last + AHEAD), abovePx, roomPx });
    this.panel.look(first, last);
  }
}

/** The first row in view after a key; null: the key means nothing here. */
function rowOfKey(key: string, first: number, last: number): number | null {
  const page = Math.max(1, last - first - 1);
  const moved: Record<string, number> = {
    ArrowUp: first - 1,
    ArrowDown: first + 1,
    PageUp: first - page,
    PageDown: first + page,
    Home: 0,
    End: Number.MAX_SAFE_INTEGER,
  };
  return moved[key] ?? null;
}
