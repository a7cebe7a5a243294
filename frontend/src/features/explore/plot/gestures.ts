/**
 * Pointer, wheel and keys on the plot, as viewport changes. Follows one gesture at a time;
 * a second finger turns a pan into a pinch.
 */
import { type Axes, boxed, type Extent, pan, type Place, zoomAt } from "../../../model/viewport.ts";
import { keyMove, wheelFactor } from "./gesture-steps.ts";

export interface GestureTarget {
  viewport: () => Extent | null;
  /** `commit`: the gesture is over. */
  move: (viewport: Extent) => void;
  begin: () => void;
  end: () => void;
  reset: () => void;
  /** The box being drawn, null when there is none. */
  box: (corners: { a: Place; b: Place } | null) => void;
  hover: (at: Place | null) => void;
  /** One click, or a tap, that moved nothing and that no second one follows. */
  click: (at: Place) => void;
  /** Handles a key for the crosshair or the box; false for keys without a function there. */
  cursorKey: (key: string, far: boolean) => boolean;
  boxTool: () => boolean;
  /** Kinds with one data axis keep the other still. */
  axes: () => Axes;
}

type Gesture =
  | { kind: "pan"; pointer: number; start: Extent; from: Place }
  | { kind: "box"; pointer: number; start: Extent; from: Place; to: Place }
  | { kind: "pinch"; start: Extent; from: readonly [Place, Place] };

const WHEEL_END_MS = 180;
const SMALL_BOX = 0.004;
/** A pointer that moves further drags. */
const CLICK_PIXELS = 4;
/** Within this time a second click makes a double click. */
const DOUBLE_CLICK_MS = 250;

export class Gestures {
  private readonly element: HTMLElement;
  private readonly target: GestureTarget;
  private readonly pointers = new Map<number, Place>();
  private gesture: Gesture | null = null;
  private wheelTimer: ReturnType<typeof setTimeout> | undefined;
  private wheeling = false;
  private clickTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly downs = new Map<number, { x: number; y: number; moved: boolean }>();
  private readonly stop = new AbortController();

  /** `zones`: the plot itself and the strips of its axes. */
  constructor(zones: { plot: HTMLElement; x: Element; y: Element }, target: GestureTarget) {
    this.element = zones.plot;
    this.target = target;
    const { signal } = this.stop;
    const plot = zones.plot;
    plot.addEventListener("pointerdown", (event) => this.down(event), { signal });
    plot.addEventListener("pointermove", (event) => this.pointerMove(event), { signal });
    plot.addEventListener("pointerup", (event) => this.up(event), { signal });
    plot.addEventListener("pointercancel", () => this.cancel(), { signal });
    plot.addEventListener("pointerleave", () => this.target.hover(null), { signal });
    plot.addEventListener("dblclick", () => this.target.reset(), { signal });
    plot.addEventListener("keydown", (event) => this.key(event), { signal });
    for (const [zone, axes] of [
      [plot, "both"],
      [zones.x, "x"],
      [zones.y, "y"],
    ] as const) {
      zone.addEventListener("wheel", (event) => this.wheel(event as WheelEvent, axes), {
        signal,
        passive: false,
      });
    }
  }

  dispose(): void {
    this.stop.abort();
    clearTimeout(this.wheelTimer);
    clearTimeout(this.clickTimer);
  }

  private placeOf(event: { clientX: number; clientY: number }): Place {
    const box = this.element.getBoundingClientRect();
    return {
      u: (event.clientX - box.left) / Math.max(1, box.width),
      v: 1 - (event.clientY - box.top) / Math.max(1, box.height),
    };
  }

  private down(event: PointerEvent): void {
    if (event.button > 1) return;
    const start = this.target.viewport();
    if (!start) return;
    this.element.setPointerCapture(event.pointerId);
    clearTimeout(this.clickTimer);
    const { clientX: x, clientY: y } = event;
    this.downs.set(event.pointerId, {
      x,
      y,
      moved: this.pointers.size > 0 || event.button !== 0 || event.shiftKey,
    });
    this.pointers.set(event.pointerId, this.placeOf(event));
    const places = [...this.pointers.values()];
    const [first, second] = places;
    if (first && second) {
      this.target.box(null);
      this.gesture = { kind: "pinch", start, from: [first, second] };
    } else if (first) {
      const wantsBox = event.button === 0 && (event.shiftKey || this.target.boxTool());
      const pointer = event.pointerId;
      this.gesture = wantsBox
        ? { kind: "box", pointer, start, from: first, to: first }
        : { kind: "pan", pointer, start, from: first };
    }
    this.finishWheel();
    this.target.begin();
  }

  private pointerMove(event: PointerEvent): void {
    const at = this.placeOf(event);
    if (event.pointerType !== "touch" || !this.gesture) this.target.hover(inside(at) ? at : null);
    if (!this.pointers.has(event.pointerId)) return;
    this.pointers.set(event.pointerId, at);
    const down = this.downs.get(event.pointerId);
    if (down && Math.hypot(event.clientX - down.x, event.clientY - down.y) > CLICK_PIXELS) down.moved = true;
    const { gesture } = this;
    if (gesture?.kind === "pan" && gesture.pointer === event.pointerId) this.panTo(gesture, at);
    if (gesture?.kind === "box" && gesture.pointer === event.pointerId) {
      gesture.to = at;
      this.target.box({ a: gesture.from, b: at });
    }
    if (gesture?.kind === "pinch") this.pinch(gesture);
  }

  private panTo(gesture: { start: Extent; from: Place }, at: Place): void {
    const axes = this.target.axes();
    const du = axes === "y" ? 0 : gesture.from.u - at.u;
    const dv = axes === "x" ? 0 : gesture.from.v - at.v;
    this.target.move(pan(gesture.start, du, dv));
  }

  private pinch(gesture: { start: Extent; from: readonly [Place, Place] }): void {
    const [a, b] = [...this.pointers.values()];
    if (!a || !b) return;
    const [c, d] = gesture.from;
    const apart = (p: Place, q: Place) => Math.max(0.01, Math.hypot(p.u - q.u, p.v - q.v));
    const centre = (p: Place, q: Place) => ({ u: (p.u + q.u) / 2, v: (p.v + q.v) / 2 });
    const zoomed = zoomAt(gesture.start, centre(c, d), apart(c, d) / apart(a, b), this.target.axes());
    this.panTo({ start: zoomed, from: centre(c, d) }, centre(a, b));
  }

  private up(event: PointerEvent): void {
    this.pointers.delete(event.pointerId);
    const isStill = this.downs.get(event.pointerId)?.moved === false;
    this.downs.delete(event.pointerId);
    const { gesture } = this;
    if (!gesture || this.pointers.size > 0) {
      // A finger of a pinch is lifted: the other one goes on as a pan from here.
      const [rest] = this.pointers;
      const start = this.target.viewport();
      if (rest && start) this.gesture = { kind: "pan", pointer: rest[0], start, from: rest[1] };
      return;
    }
    this.gesture = null;
    if (gesture.kind === "box") this.applyBox(gesture);
    else if (isStill)
      this.clickTimer = setTimeout(() => this.target.click(this.placeOf(event)), DOUBLE_CLICK_MS);
    this.target.end();
  }

  private applyBox(gesture: { start: Extent; from: Place; to: Place }): void {
    this.target.box(null);
    const next = this.boxed(gesture);
    if (next) this.target.move(next);
  }

  /** Shows what a box holds, as a gesture of its own. */
  zoomTo(from: Place, to: Place): void {
    const start = this.target.viewport();
    const next = start && this.boxed({ start, from, to });
    if (!next) return;
    this.target.begin();
    this.target.move(next);
    this.target.end();
  }

  private boxed(gesture: { start: Extent; from: Place; to: Place }): Extent | null {
    const flat = this.target.axes() === "x";
    const a = { u: within(gesture.from.u), v: flat ? 0 : within(gesture.from.v) };
    const b = { u: within(gesture.to.u), v: flat ? 1 : within(gesture.to.v) };
    const tooSmall = Math.abs(a.u - b.u) < SMALL_BOX || Math.abs(a.v - b.v) < SMALL_BOX;
    return tooSmall ? null : boxed(gesture.start, a, b);
  }

  /** Restores the viewport of before the gesture. */
  cancel(): void {
    const { gesture } = this;
    this.pointers.clear();
    this.downs.clear();
    this.gesture = null;
    this.target.box(null);
    if (!gesture) return;
    this.target.move(gesture.start);
    this.target.end();
  }

  private wheel(event: WheelEvent, zone: Axes): void {
    const viewport = this.target.viewport();
    if (!viewport) return;
    event.preventDefault();
    if (this.gesture) return;
    const limit = this.target.axes();
    const axes = limit !== "both" ? limit : zone === "both" && event.shiftKey ? "x" : zone;
    if (!this.wheeling) this.target.begin();
    this.wheeling = true;
    clearTimeout(this.wheelTimer);
    this.wheelTimer = setTimeout(() => this.finishWheel(), WHEEL_END_MS);
    this.target.move(
      zoomAt(viewport, this.placeOf(event), wheelFactor(event, this.element.clientHeight), axes),
    );
  }

  private finishWheel(): void {
    clearTimeout(this.wheelTimer);
    if (!this.wheeling) return;
    this.wheeling = false;
    this.target.end();
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.press(event.key, event.shiftKey)) event.preventDefault();
  }

  /** Handles a key on the plot; false for keys without a function. */
  press(key: string, far = false): boolean {
    if (!this.gesture && this.target.cursorKey(key, far)) return true;
    if (key === "Escape") this.cancel();
    else if (key === "r" || key === "Home") this.target.reset();
    else {
      const viewport = this.target.viewport();
      const next = viewport && keyMove(viewport, key, far, this.target.axes());
      if (!next) return false;
      this.target.begin();
      this.target.move(next);
      this.target.end();
    }
    return true;
  }
}

function inside({ u, v }: Place): boolean {
  return u >= 0 && u <= 1 && v >= 0 && v <= 1;
}

function within(value: number): number {
  return Math.min(1, Math.max(0, value));
}
