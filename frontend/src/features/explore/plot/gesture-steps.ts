/** Viewport changes of single steps: a wheel event, a key. */
import { type Axes, type Extent, pan, zoomAt } from "../../../model/viewport.ts";

const LINE_PIXELS = 16;
/** One notch of a mouse (100 to 120 px) is a fifth to a quarter. */
const WHEEL_RATE = 0.002;
/** A pinch on a touchpad arrives as small ctrl+wheel steps. */
const PINCH_RATE = 0.01;
const LONGEST_STEP = 1.2;
const KEY_ZOOM = 0.8;

/** How much less (< 1) or more is seen after a wheel event. */
export function wheelFactor(
  event: Pick<WheelEvent, "deltaX" | "deltaY" | "deltaMode" | "ctrlKey">,
  pageHeight: number,
): number {
  // Browsers turn the wheel sideways while Shift is held.
  const delta = event.deltaY === 0 ? event.deltaX : event.deltaY;
  const pixels = delta * ([1, LINE_PIXELS, pageHeight][event.deltaMode] ?? 1);
  const step = pixels * (event.ctrlKey ? PINCH_RATE : WHEEL_RATE);
  return Math.exp(Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, step)));
}

/** Viewport after a key; null for keys that do not move. */
export function keyMove(viewport: Extent, key: string, far: boolean, axes: Axes): Extent | null {
  const middle = { u: 0.5, v: 0.5 };
  const step = far ? 0.5 : 0.1;
  const vertical = axes === "x" ? 0 : step;
  switch (key) {
    case "+":
    case "=":
      return zoomAt(viewport, middle, KEY_ZOOM, axes);
    case "-":
    case "_":
      return zoomAt(viewport, middle, 1 / KEY_ZOOM, axes);
    case "ArrowLeft":
      return pan(viewport, -step, 0);
    case "ArrowRight":
      return pan(viewport, step, 0);
    case "ArrowDown":
      return pan(viewport, 0, -vertical);
    case "ArrowUp":
      return pan(viewport, 0, vertical);
    default:
      return null;
  }
}
