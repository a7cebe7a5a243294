import * as fc from "fast-check";
import { expect, it } from "vitest";
import { dilate } from "./dilate.ts";

it("makes a lone row a square, inward at the edges", () => {
  const lone = (at: number) => {
    const cells = new Uint8Array(16);
    cells[at] = 5;
    return [...dilate(cells, { width: 4, height: 4 }, 1, 0, null).cells].flatMap((value, i) =>
      value ? [i] : [],
    );
  };
  expect(lone(0)).toEqual([0, 1, 4, 5]);
  expect(lone(5)).toEqual([5, 6, 9, 10]);
  expect(lone(15)).toEqual([10, 11, 14, 15]);
});

it("never changes a filled cell, and shows the greater of two neighbours", () => {
  const cells = Uint16Array.of(3, 0, 9, 0, 0);
  expect([...dilate(cells, { width: 5, height: 1 }, 2, 0, null).cells]).toEqual([3, 3, 9, 9, 9]);
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 12, maxLength: 12 }), fc.nat(5), (values, grow) => {
      const out = dilate(Uint8Array.from(values), { width: 4, height: 3 }, grow, 0, null).cells;
      values.forEach((value, i) => expect(value === 0 || out[i] === value).toBe(true));
    }),
  );
});

it("takes colours along, and leaves its input alone", () => {
  const cells = Float32Array.of(1, -3e38);
  const mix = Uint8Array.of(1, 2, 3, 255, 0, 0, 0, 0);
  const grown = dilate(cells, { width: 2, height: 1 }, 1, cells[1] as number, mix);
  expect([...(grown.mix ?? [])]).toEqual([1, 2, 3, 255, 1, 2, 3, 255]);
  expect(mix[4]).toBe(0);
});
