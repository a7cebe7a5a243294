import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Axes, dataAt, type Extent } from "../../../model/viewport.ts";
import { keyMove, wheelFactor } from "./gesture-steps.ts";
import { Gestures } from "./gestures.ts";

const START: Extent = { x0: 0, x1: 100, y0: 0, y1: 100 };
const LINES = 1;

let plot: HTMLElement;
let xStrip: HTMLElement;
let yStrip: HTMLElement;
let view: Extent;
let log: string[];
let axes: Axes;
let boxTool: boolean;
let taken: string;
let gestures: Gestures;

beforeEach(() => {
  vi.useFakeTimers();
  [plot, xStrip, yStrip] = [
    document.createElement("div"),
    document.createElement("div"),
    document.createElement("div"),
  ];
  plot.setPointerCapture = () => undefined;
  plot.getBoundingClientRect = () => new DOMRect(0, 0, 200, 100);
  [view, log, axes, boxTool, taken] = [START, [], "both", false, ""];
  gestures = new Gestures(
    { plot, x: xStrip, y: yStrip },
    {
      viewport: () => view,
      move: (next) => {
        view = next;
      },
      begin: () => void log.push("begin"),
      end: () => void log.push("end"),
      reset: () => void log.push("reset"),
      box: (corners) => void log.push(corners ? "box" : "no box"),
      hover: () => undefined,
      click: ({ u, v }) => void log.push(`click ${u} ${v}`),
      cursorKey: (key) => key === taken,
      boxTool: () => boxTool,
      axes: () => axes,
    },
  );
});

afterEach(() => {
  gestures.dispose();
  vi.useRealTimers();
});

function pointer(type: string, x: number, y: number, more: PointerEventInit = {}): void {
  const init = { clientX: x, clientY: y, pointerId: 1, button: 0, bubbles: true, ...more };
  plot.dispatchEvent(new PointerEvent(type, init));
}

function wheel(target: Element, init: WheelEventInit): WheelEvent {
  const event = new WheelEvent("wheel", { ...init, cancelable: true });
  // The test's document leaves these out of wheel events.
  const { clientX = 100, clientY = 50, shiftKey = false } = init;
  for (const [name, value] of Object.entries({ clientX, clientY, shiftKey })) {
    Object.defineProperty(event, name, { value });
  }
  target.dispatchEvent(event);
  return event;
}

function key(name: string, shiftKey = false): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key: name, shiftKey, cancelable: true });
  plot.dispatchEvent(event);
  return event;
}

describe("dragging", () => {
  it("moves the data with the pointer", () => {
    pointer("pointerdown", 100, 50);
    pointer("pointermove", 50, 75);
    expect(view).toEqual({ x0: 25, x1: 125, y0: 25, y1: 125 });
    pointer("pointerup", 50, 75);
    expect(log).toEqual(["begin", "end"]);
  });

  it("is taken back by Escape", () => {
    pointer("pointerdown", 100, 50);
    pointer("pointermove", 0, 0);
    key("Escape");
    expect(view).toEqual(START);
    pointer("pointermove", 50, 50);
    expect(view).toEqual(START);
  });

  it("keeps the other axis still for kinds that have one", () => {
    axes = "x";
    pointer("pointerdown", 100, 50);
    pointer("pointermove", 50, 75);
    expect(view).toEqual({ x0: 25, x1: 125, y0: 0, y1: 100 });
  });

  it("needs the main or middle button", () => {
    pointer("pointerdown", 100, 50, { button: 2 });
    pointer("pointermove", 50, 75);
    expect(view).toEqual(START);
  });
});

describe("a box", () => {
  it("zooms to what was drawn with Shift", () => {
    pointer("pointerdown", 50, 75, { shiftKey: true });
    pointer("pointermove", 150, 25);
    expect(view).toEqual(START);
    pointer("pointerup", 150, 25);
    expect(view).toEqual({ x0: 25, x1: 75, y0: 25, y1: 75 });
    expect(log).toEqual(["begin", "box", "no box", "end"]);
  });

  it("is also drawn by the tool, and stops at the edge", () => {
    boxTool = true;
    pointer("pointerdown", 100, 50);
    pointer("pointermove", 900, -300);
    pointer("pointerup", 900, -300);
    expect(view).toEqual({ x0: 50, x1: 100, y0: 50, y1: 100 });
  });

  it("that is only a click does nothing", () => {
    pointer("pointerdown", 50, 75, { shiftKey: true });
    pointer("pointerup", 50, 75);
    expect(view).toEqual(START);
  });
});

describe("two fingers", () => {
  it("zoom around their middle and move with it", () => {
    const touch = { pointerType: "touch" };
    pointer("pointerdown", 80, 50, { ...touch, pointerId: 1 });
    pointer("pointerdown", 120, 50, { ...touch, pointerId: 2 });
    pointer("pointermove", 60, 50, { ...touch, pointerId: 1 });
    pointer("pointermove", 140, 50, { ...touch, pointerId: 2 });
    expect(view.x0).toBeCloseTo(25);
    expect(view.x1).toBeCloseTo(75);
    pointer("pointerup", 140, 50, { ...touch, pointerId: 2 });
    const before = view.x0;
    pointer("pointermove", 80, 50, { ...touch, pointerId: 1 });
    expect(view.x0).toBeCloseTo(before - 5);
    pointer("pointerup", 80, 50, { ...touch, pointerId: 1 });
    expect(log.at(-1)).toBe("end");
  });
});

describe("the wheel", () => {
  it("zooms at the pointer, whatever it points at", () => {
    const at = fc.record({ x: fc.integer({ min: 0, max: 200 }), y: fc.integer({ min: 0, max: 100 }) });
    fc.assert(
      fc.property(at, fc.integer({ min: -400, max: 400 }), ({ x, y }, deltaY) => {
        view = START;
        const place = { u: x / 200, v: 1 - y / 100 };
        const before = dataAt(view, place);
        wheel(plot, { deltaY, clientX: x, clientY: y });
        const after = dataAt(view, place);
        expect(view.x1 - view.x0).toBeCloseTo(100 * Math.exp(Math.max(-1.2, deltaY * 0.002)), 6);
        expect(after.x).toBeCloseTo(before.x, 6);
        expect(after.y).toBeCloseTo(before.y, 6);
      }),
    );
  });

  it("keeps the page from scrolling, and ends when it rests", () => {
    expect(wheel(plot, { deltaY: -100 }).defaultPrevented).toBe(true);
    wheel(plot, { deltaY: -100 });
    expect(log).toEqual(["begin"]);
    vi.advanceTimersByTime(200);
    expect(log).toEqual(["begin", "end"]);
  });

  it("zooms one axis over its strip, and x alone with Shift", () => {
    wheel(xStrip, { deltaY: -100 });
    expect([view.y0, view.y1]).toEqual([0, 100]);
    expect(view.x1).toBeLessThan(100);
    view = START;
    wheel(yStrip, { deltaY: -100 });
    expect([view.x0, view.x1]).toEqual([0, 100]);
    view = START;
    // Browsers turn the wheel sideways while Shift is held.
    wheel(plot, { deltaX: -100, shiftKey: true });
    expect([view.y0, view.y1]).toEqual([0, 100]);
    expect(view.x1).toBeLessThan(100);
  });

  it("counts lines and pages, and takes pinches on a touchpad", () => {
    const base = { deltaX: 0, deltaMode: 0, ctrlKey: false };
    const factor = (more: Partial<WheelEvent>) => wheelFactor({ ...base, deltaY: -10, ...more }, 400);
    expect(factor({})).toBeCloseTo(Math.exp(-0.02));
    expect(factor({ deltaMode: LINES })).toBeCloseTo(Math.exp(-0.32));
    expect(factor({ ctrlKey: true })).toBeCloseTo(Math.exp(-0.1));
    expect(factor({ deltaY: -1e9 })).toBeGreaterThan(0.25);
  });
});

describe("keys", () => {
  it.each([
    ["ArrowRight", false, 10, 0],
    ["ArrowLeft", true, -50, 0],
    ["ArrowUp", false, 0, 10],
    ["ArrowDown", true, 0, -50],
  ])("%s (Shift %s) pans", (name, shift, x0, y0) => {
    expect(key(name, shift).defaultPrevented).toBe(true);
    expect([view.x0, view.y0]).toEqual([x0, y0]);
    expect(log).toEqual(["begin", "end"]);
  });

  it("zoom at the middle and back", () => {
    key("+");
    expect(view).toEqual({ x0: 10, x1: 90, y0: 10, y1: 90 });
    key("-");
    expect(view.x0).toBeCloseTo(0);
  });

  it("reset with r, Home and a double click", () => {
    key("r");
    key("Home");
    plot.dispatchEvent(new MouseEvent("dblclick"));
    expect(log).toEqual(["reset", "reset", "reset"]);
  });

  it("leave everything else to the page", () => {
    expect(key("Tab").defaultPrevented).toBe(false);
    expect(keyMove(START, "q", false, "both")).toBeNull();
    const event = new KeyboardEvent("keydown", { key: "+", ctrlKey: true, cancelable: true });
    plot.dispatchEvent(event);
    expect([event.defaultPrevented, view]).toEqual([false, START]);
  });
});

it("does nothing before there is a viewport, and after it was disposed of", () => {
  gestures.dispose();
  wheel(plot, { deltaY: -100 });
  pointer("pointerdown", 0, 0);
  pointer("pointermove", 50, 50);
  expect([view, log]).toEqual([START, []]);
});

describe("a click", () => {
  it("counts when it moved nothing and no second one follows", () => {
    pointer("pointerdown", 100, 50);
    pointer("pointermove", 102, 51);
    pointer("pointerup", 100, 50);
    expect(log).not.toContain("click 0.5 0.5");
    vi.advanceTimersByTime(300);
    expect(log).toContain("click 0.5 0.5");
  });

  it("is no drag, no second finger and no double click", () => {
    pointer("pointerdown", 100, 50);
    pointer("pointermove", 120, 50);
    pointer("pointerup", 100, 50);
    pointer("pointerdown", 100, 50);
    pointer("pointerdown", 120, 50, { pointerId: 2 });
    pointer("pointerup", 100, 50);
    pointer("pointerup", 120, 50, { pointerId: 2 });
    vi.advanceTimersByTime(300);
    pointer("pointerdown", 100, 50);
    pointer("pointerup", 100, 50);
    pointer("pointerdown", 100, 50, { shiftKey: true });
    pointer("pointerup", 100, 50);
    vi.advanceTimersByTime(300);
    expect(log.filter((entry) => entry.startsWith("click"))).toEqual([]);
  });
});
