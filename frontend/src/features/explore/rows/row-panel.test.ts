import { expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { readColumn } from "../../../model/column.ts";
import type { RowsAsk, RowsMessage } from "../../../net/socket/messages.ts";
import { RowPanel } from "./row-panel.ts";

const PLACE = {
  region: { x0: 0, x1: 1, y0: 0, y1: 1 },
  steps: [],
  others: false,
  stepsY: [],
  othersY: false,
  pointer: null,
};
const WISH = { place: PLACE, title: "a cell", focus: false };

function panelOf({ live = true } = {}) {
  const asked: (RowsAsk & { pickId: number })[] = [];
  const store = createStore<{ kind: string; options: Record<string, string>; moving: boolean }>(() => ({
    kind: "points",
    options: {},
    moving: false,
  }));
  const pick = (pickId: number, ask: RowsAsk) => {
    asked.push({ pickId, ...ask });
    return live;
  };
  const panel = new RowPanel({ store, pick });
  return { panel, asked, store };
}

function page(pickId: number, offset = 0): RowsMessage {
  return { type: "rows", viewId: 1, pickId, matching: 120, offset, columns: [], rows: [] };
}

it("asks for the first page of a place, and takes the answer to the newest question alone", () => {
  const { panel, asked } = panelOf();
  panel.open(WISH);
  panel.open({ ...WISH, title: "another" });
  expect(asked).toMatchObject([
    { pickId: 1, region: PLACE.region, sort: null, offset: 0 },
    { pickId: 2, offset: 0 },
  ]);
  panel.receive(page(1));
  expect(panel.store.getState().matching).toBeNull();
  panel.receive(page(2));
  expect(panel.store.getState().matching).toBe(120);
});

it("fetches the pages that come into view, one at a time, and those that left it no more", () => {
  vi.useFakeTimers();
  const { panel, asked } = panelOf();
  const offsets = () => asked.map(({ offset }) => offset);
  panel.open(WISH);
  panel.receive({ ...page(1), matching: 5000 });
  panel.look(45, 55);
  panel.look(1000, 1010);
  panel.look(2000, 2010);
  expect(offsets()).toEqual([0, 50]);
  vi.advanceTimersByTime(200);
  expect(offsets()).toEqual([0, 50, 2000]);
  panel.receive({ ...page(2, 50), matching: 5000 });
  expect(panel.store.getState().pages.has(1)).toBe(false);
  panel.receive({ ...page(3, 2000), matching: 5000 });
  expect(offsets().slice(3)).toEqual([1950]);
  panel.receive({ ...page(4, 1950), matching: 5000 });
  panel.look(2001, 2011);
  expect(asked).toHaveLength(4);
  vi.useRealTimers();
});

it("keeps the pages that are near, and not all of a long way", () => {
  const { panel, asked } = panelOf();
  panel.open(WISH);
  for (let row = 0; row < 5000; row += 50) {
    panel.look(row, row + 10);
    panel.receive({ ...page(asked.length, asked.at(-1)?.offset), matching: 5000 });
  }
  const { pages } = panel.store.getState();
  expect(pages.size).toBe(40);
  expect(pages.has(99)).toBe(true);
});

it("sorts from the first row: up, down, and as the file is", () => {
  const { panel, asked } = panelOf();
  panel.open(WISH);
  panel.receive(page(1));
  panel.look(60, 70);
  panel.sortBy("delay");
  expect(panel.store.getState()).toMatchObject({ target: { row: 0 }, pages: new Map() });
  panel.sortBy("delay");
  panel.sortBy("delay");
  panel.sortBy("origin");
  expect(asked.map(({ sort, offset }) => [sort, offset])).toEqual([
    [null, 0],
    [null, 50],
    [{ column: "delay", descending: false }, 0],
    [{ column: "delay", descending: true }, 0],
    [null, 0],
    [{ column: "origin", descending: false }, 0],
  ]);
});

it("says what failed, and that there is no connection", () => {
  const { panel, asked } = panelOf();
  panel.open(WISH);
  const error = {
    type: "error",
    code: "overloaded",
    field: "",
    viewId: 1,
    seq: 0,
    requestId: "",
    retryAfterMs: 0,
  } as const;
  panel.receive({ ...error, detail: "Busy.", pickId: 1 });
  expect(panel.store.getState().error).toBe("Busy.");
  panel.retry();
  expect(panel.store.getState().error).toBe("");
  expect(asked).toHaveLength(2);
  const lost = panelOf({ live: false }).panel;
  lost.open(WISH);
  expect(lost.store.getState().error).toMatch(/no connection/);
});

it("closes when the axes become others, and not when the view moves", () => {
  const { panel, store } = panelOf();
  panel.open(WISH);
  store.setState({ moving: true });
  expect(panel.isOpen).toBe(true);
  store.setState({ options: { x: "y" } });
  expect(panel.isOpen).toBe(false);
  panel.receive(page(1));
  expect(panel.store.getState().matching).toBeNull();
});

it("leaves out columns, keeps that for the next place, and never leaves out the last one", () => {
  const { panel, asked } = panelOf();
  panel.open(WISH);
  const columns = ["a", "b"].map((name) => readColumn({ name, type: "COLUMN_TYPE_NUMBER" }));
  panel.receive({ ...page(1), columns });
  panel.toggle("a");
  panel.receive({ ...page(2), columns: columns.slice(1) });
  panel.toggle("b");
  panel.open(WISH);
  panel.toggle("a");
  expect(asked.map((ask) => ask.columns)).toEqual([[], ["b"], ["b"], []]);
  expect(panel.store.getState().all).toEqual(["a", "b"]);
});
