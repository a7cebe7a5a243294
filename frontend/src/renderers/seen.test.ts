import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Extent } from "../model/viewport.ts";
import { seenParts } from "./seen.ts";

const SIDE = 8;
const VIEW = { x0: 0, x1: SIDE, y0: 0, y1: SIDE };
const interval = fc.tuple(fc.integer({ min: -3, max: 10 }), fc.integer({ min: 1, max: 9 }));
const extents = fc
  .tuple(interval, interval)
  .map(([[x0, width], [y0, height]]) => ({ x0, x1: x0 + width, y0, y1: y0 + height }));
const holds = (part: Extent, x: number, y: number) =>
  part.x0 < x && x < part.x1 && part.y0 < y && y < part.y1;

it("gives each place to the topmost layer there, once", () => {
  fc.assert(
    fc.property(fc.array(extents, { maxLength: 12 }), (layers) => {
      const seen = seenParts(layers, VIEW);
      for (let i = 0; i < SIDE * SIDE; i += 1) {
        const [x, y] = [(i % SIDE) + 0.5, Math.floor(i / SIDE) + 0.5];
        const owners = seen.flatMap((parts, layer) =>
          parts.flatMap((part) => (holds(part, x, y) ? layer : [])),
        );
        const top = layers.findLastIndex((layer) => holds(layer, x, y));
        expect(owners).toEqual(top < 0 ? [] : [top]);
      }
    }),
  );
});

it("keeps tiles whole, and leaves out what tiles cover together", () => {
  const tiles = [0, 4].flatMap((x0) => [0, 4].map((y0) => ({ x0, x1: x0 + 4, y0, y1: y0 + 4 })));
  expect(seenParts([VIEW, ...tiles], VIEW)).toEqual([[], ...tiles.map((tile) => [tile])]);
});

it("leaves out what is not in view", () => {
  expect(seenParts([{ x0: 8, x1: 9, y0: 0, y1: 1 }], VIEW)).toEqual([[]]);
});
