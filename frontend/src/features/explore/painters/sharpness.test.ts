import { beforeEach, describe, expect, it } from "vitest";
import { Sharpness } from "./sharpness.ts";

const HOME = { x0: 0, x1: 1, y0: 0, y1: 1 };
const moved = (by: number) => ({ ...HOME, x0: by, x1: 1 + by });

let sharpness: Sharpness;

beforeEach(() => {
  sharpness = new Sharpness();
  sharpness.of(HOME, false, 0);
});

describe("where frames are slow", () => {
  beforeEach(() => {
    for (const ms of [90, 40, 35]) sharpness.took(ms);
  });

  it("is half while the plot moves, and whole again when the gesture ends", () => {
    expect(sharpness.of(moved(1), true, 1000)).toEqual({ coarseness: 2, restsIn: 180 });
    expect(sharpness.of(moved(2), true, 1050)).toEqual({ coarseness: 2, restsIn: 180 });
    expect(sharpness.of(moved(2), false, 1060)).toEqual({ coarseness: 1, restsIn: null });
  });

  it("stays half between two steps of a wheel, whatever arrives", () => {
    sharpness.of(moved(1), true, 1000);
    expect(sharpness.of(moved(1), true, 1100)).toEqual({ coarseness: 2, restsIn: 80 });
  });

  it("is whole for a plot that is held still", () => {
    sharpness.of(moved(1), true, 1000);
    expect(sharpness.of(moved(1), true, 1180)).toEqual({ coarseness: 1, restsIn: null });
  });

  it("is whole at a press that moves nothing", () => {
    expect(sharpness.of(HOME, true, 1000).coarseness).toBe(1);
  });

  it("is whole for a step of a key", () => {
    expect(sharpness.of(moved(1), false, 1000).coarseness).toBe(1);
  });
});

describe("where frames are in time", () => {
  it("is whole before any frame was measured", () => {
    expect(sharpness.of(moved(1), true, 1000).coarseness).toBe(1);
  });

  it("is whole although some frames were late", () => {
    for (const ms of [300, 4, 80, 60]) sharpness.took(ms);
    expect(sharpness.isSlow).toBe(false);
    expect(sharpness.of(moved(1), true, 1000).coarseness).toBe(1);
  });

  it("changes when all of the last frames are late", () => {
    for (const ms of [4, 80, 60, 70]) sharpness.took(ms);
    expect(sharpness.isSlow).toBe(false);
    sharpness.took(50);
    expect(sharpness.isSlow).toBe(true);
  });
});
