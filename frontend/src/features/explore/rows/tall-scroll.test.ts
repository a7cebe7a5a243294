import { assert, double, integer, property } from "fast-check";
import { expect, it } from "vitest";
import { ROW_PX, TallScroll } from "./tall-scroll.ts";

const VIEW = 300;

it("scrolls few rows as the browser does", () => {
  const scroll = new TallScroll(100, VIEW);
  expect(scroll.elementPx).toBe(100 * ROW_PX);
  for (const top of [0, 1, 30, 1500, 2100]) {
    scroll.moved(top);
    expect(scroll.top).toBe(top);
    expect(scroll.placeOf(7)).toBe(7 * ROW_PX);
  }
  expect(scroll.inView).toEqual([87, 99]);
});

it("reaches every row of a great many by small moves, and any of them by the scrollbar", () => {
  const rows = 10_000_000;
  const scroll = new TallScroll(rows, VIEW);
  expect(scroll.elementPx).toBeLessThan(17_000_000);
  scroll.moved(scroll.elementPx / 2);
  const [middle] = scroll.inView;
  expect(Math.abs(middle - rows / 2)).toBeLessThan(200);
  let element = scroll.elementPx / 2;
  for (let step = 1; step <= 50; step += 1) {
    element += ROW_PX;
    scroll.moved(element);
    expect(scroll.inView[0]).toBe(middle + step);
    if (step % 10 !== 0) continue;
    element = Math.round(scroll.settle());
    scroll.rested(element);
  }
  scroll.moved(scroll.elementPx - VIEW);
  expect(scroll.inView[1]).toBe(rows - 1);
  scroll.moved(0);
  expect(scroll.inView[0]).toBe(0);
});

it("goes to any row, and stays there when the view changes its height", () => {
  assert(
    property(integer({ min: 20, max: 40_000_000 }), double({ min: 0, max: 1, noNaN: true }), (rows, at) => {
      const row = Math.floor((rows - 1) * at);
      const scroll = new TallScroll(rows, VIEW);
      const top = scroll.to(row);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(top).toBeLessThanOrEqual(scroll.elementPx - VIEW + 1e-6);
      const [first, last] = scroll.inView;
      expect(first <= row && row <= last).toBe(true);
      expect(scroll.resized(rows, VIEW / 2).inView[0]).toBeGreaterThanOrEqual(first);
    }),
  );
});
