import * as fc from "fast-check";
import { expect, it } from "vitest";
import { clipOf, placement } from "./placement.ts";

const CANVAS = { width: 800, height: 600 };
const WIDTH = 256;

it("puts each pixel on the cell under it, for microseconds since 1970 too", () => {
  const cases = fc.record({
    tile: fc.integer({ min: 200_000, max: 240_000 }),
    exponent: fc.integer({ min: 4, max: 24 }),
    start: fc.double({ min: -0.5, max: 0.9, noNaN: true }),
    zoom: fc.double({ min: 1, max: 2, noNaN: true }),
    pixel: fc.integer({ min: 0, max: CANVAS.width - 1 }),
  });
  fc.assert(
    fc.property(cases, ({ tile, exponent, start, zoom, pixel }) => {
      const cell = 2 ** exponent;
      const size = cell * WIDTH;
      const piece = { x0: tile * size, x1: (tile + 1) * size, y0: 0, y1: 1 };
      const x0 = piece.x0 + start * size;
      const viewport = { x0, x1: x0 + (CANVAS.width * cell) / zoom, y0: 0, y1: 1 };
      const placed = placement(piece, viewport, CANVAS);
      const x = viewport.x0 + ((pixel + 0.5) / CANVAS.width) * (viewport.x1 - viewport.x0);
      fc.pre(placed !== null && x >= piece.x0 && x < piece.x1);
      const f32 = Math.fround;
      // As the shader does it, in float32.
      const [from, at, step] = [f32(placed.pixel[0]), f32(placed.at[0] * WIDTH), f32(placed.step[0] * WIDTH)];
      const shader = f32(at + f32(f32(pixel + 0.5 - from) * step));
      const exact = (x - piece.x0) / cell;
      expect(Math.abs(shader - exact)).toBeLessThan(0.01);
    }),
  );
});

it("has cells of the narrowest and the widest ranges", () => {
  for (const unit of [5e-324, 1e-310, 2 ** 991]) {
    const piece = { x0: 0, x1: 256 * unit, y0: 0, y1: 1 };
    const placed = placement(piece, { ...piece, x1: 8 * unit }, CANVAS);
    // Eight cells over the plot.
    expect((placed?.step[0] ?? 0) * WIDTH * CANVAS.width).toBeCloseTo(8, 9);
  }
});

it("leaves no gap between neighbours", () => {
  const view = { x0: -0.3, x1: 1.7, y0: 0, y1: 1 };
  const left = clipOf({ x0: 0, x1: 1, y0: 0, y1: 1 }, view);
  const right = clipOf({ x0: 1, x1: 2, y0: 0, y1: 1 }, view);
  expect(left[2]).toBe(right[0]);
});

it("leaves out what is not in view", () => {
  expect(placement({ x0: 0, x1: 1, y0: 0, y1: 1 }, { x0: 1, x1: 2, y0: 0, y1: 1 }, CANVAS)).toBeNull();
});
