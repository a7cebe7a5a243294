import { beforeEach, describe, expect, it } from "vitest";
import type { Axes, Place } from "../../../model/viewport.ts";
import { type Box, Cursor } from "./cursor.ts";

let cross: Place | null;
let box: Box | null;
let zoomed: Box | null;
let axes: Axes;
let asked: Place | null;
let cursor: Cursor;

beforeEach(() => {
  [cross, box, zoomed, axes, asked] = [null, null, null, "both", null];
  cursor = new Cursor({
    axes: () => axes,
    step: (at, right, up) => ({ u: at.u + right / 100, v: at.v + up / 100 }),
    cross: (at) => {
      cross = at;
    },
    box: (next) => {
      box = next;
    },
    zoom: (next) => {
      zoomed = next;
    },
    rows: (at) => {
      asked = at;
    },
  });
});

const press = (...keys: string[]) => keys.map((key) => cursor.press(key, false));
const place = (u: number, v: number) => ({
  u: expect.closeTo(u, 9) as number,
  v: expect.closeTo(v, 9) as number,
});

describe("the crosshair", () => {
  it("asks for the rows of its cell with Enter", () => {
    press("h", "ArrowRight", "Enter");
    expect(asked).toEqual(place(0.51, 0.5));
  });

  it("comes and goes with h and moves by cells", () => {
    press("h");
    expect(cross).toEqual(place(0.5, 0.5));
    press("ArrowLeft", "ArrowUp");
    cursor.press("ArrowUp", true);
    expect(cross).toEqual(place(0.49, 0.61));
    press("h");
    expect(cross).toBeNull();
  });

  it("leaves other keys alone, and all of them while it is off", () => {
    expect(press("ArrowLeft", "Escape", "Enter", "+")).toEqual([false, false, false, false]);
    expect(press("h", "+", "r", "Escape")).toEqual([true, false, false, true]);
    expect(cross).toBeNull();
  });
});

describe("the box", () => {
  it("starts at the centre, is sized by arrows from both corners, and zooms with Enter", () => {
    press("z", "ArrowRight", "z", "ArrowDown");
    cursor.press("ArrowLeft", true);
    expect(box).toEqual({ a: place(0.62, 0.6), b: place(0.3, 0.38) });
    press("Enter");
    expect(zoomed).toEqual({ a: place(0.62, 0.6), b: place(0.3, 0.38) });
    expect(box).toBeNull();
  });

  it("starts at the crosshair and leaves it where it is", () => {
    press("h", "ArrowLeft", "z", "ArrowRight");
    expect(box).toEqual({ a: place(0.49, 0.5), b: place(0.61, 0.6) });
    expect(cross).toEqual(place(0.49, 0.5));
  });

  it("is taken back by Escape, the crosshair by another", () => {
    press("h", "z", "Escape");
    expect([box, zoomed]).toEqual([null, null]);
    expect(cross).not.toBeNull();
    press("Escape");
    expect(cross).toBeNull();
  });

  it("stays inside the plot and is as high as it where there is one axis", () => {
    axes = "x";
    press("z", ...Array.from({ length: 60 }, () => "ArrowRight"));
    expect(box).toEqual({ a: place(0.4, 0), b: place(1, 1) });
  });

  it("ends when the pointer takes over", () => {
    press("h", "z");
    cursor.stop();
    expect([box, cross]).toEqual([null, null]);
    expect(press("Enter")).toEqual([false]);
  });
});
