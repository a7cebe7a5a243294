import { expect, it } from "vitest";
import { pieceOf } from "../model/testing.ts";
import { FrameBook } from "./frames.ts";
import { PieceStore } from "./piece-store.ts";
import { frameOf } from "./testing.ts";

const MADE = { kind: "points", options: { x: "date" } };
const cells = (id: string, x0: number, x1: number, ex: number) => ({
  ...pieceOf({ id, extent: { x0, x1, y0: 0, y1: 1 } }),
  address: { ex, ix: "0", ey: 0, iy: "0" },
});

function book(): {
  frames: FrameBook;
  store: PieceStore;
  add: (...pieces: ReturnType<typeof cells>[]) => typeof pieces;
} {
  const store = new PieceStore(1e6);
  return {
    frames: new FrameBook(),
    store,
    add: (...pieces) => {
      for (const piece of pieces) store.add(piece);
      return pieces;
    },
  };
}

it("fills what the picture does not reach with what earlier ones knew, coarse below fine", () => {
  const { frames, store, add } = book();
  const extentOf = (x0: number, x1: number) => ({ width: 1, height: 1, extent: { x0, x1, y0: 0, y1: 1 } });
  frames.accept(frameOf(1, { pieces: add(cells("coarse", 0, 16, 3)), viewport: extentOf(0, 16) }), MADE);
  frames.accept(frameOf(2, { pieces: add(cells("middle", 0, 8, 2)), viewport: extentOf(0, 8) }), MADE);
  frames.accept(frameOf(3, { pieces: add(cells("fine", 0, 4, 1)), viewport: extentOf(0, 4) }), MADE);
  const ids = (x0: number, x1: number) => frames.layers({ x0, x1, y0: 0, y1: 1 }, store).map(({ id }) => id);
  expect(ids(0, 12)).toEqual(["coarse", "middle", "fine"]);
  expect(ids(1, 3)).toEqual(["fine"]);
  expect(ids(9, 12)).toEqual(["coarse"]);
});

it("draws arriving pieces of the same level above and of another level below", () => {
  const { frames, store, add } = book();
  frames.accept(frameOf(1, { pieces: add(cells("old", 0, 4, 1)) }), MADE);
  frames.accept(
    frameOf(2, { status: "partial", pieces: add(cells("same", 4, 8, 1), cells("other", 0, 8, 2)) }),
    MADE,
  );
  expect(frames.layers({ x0: 0, x1: 8, y0: 0, y1: 1 }, store).map(({ id }) => id)).toEqual([
    "other",
    "old",
    "same",
  ]);
});

it("shows arriving pieces at once when there is nothing else", () => {
  const { frames, store, add } = book();
  frames.accept(frameOf(1, { status: "partial", pieces: add(cells("first", 0, 4, 1)) }), MADE);
  expect(frames.layers({ x0: 0, x1: 4, y0: 0, y1: 1 }, store)).toHaveLength(1);
});

it("mixes no pictures of different options", () => {
  const { frames, store, add } = book();
  frames.accept(frameOf(1, { pieces: add(cells("count", 0, 8, 2)) }), MADE);
  frames.accept(frameOf(2, { pieces: add(cells("mean", 0, 4, 1)) }), {
    kind: "points",
    options: { reduction: "mean" },
  });
  expect(frames.layers({ x0: 0, x1: 8, y0: 0, y1: 1 }, store).map(({ id }) => id)).toEqual(["mean"]);
});

it("takes frames of an older view for late", () => {
  const { frames } = book();
  frames.accept(frameOf(7, { viewId: 2 }), MADE);
  expect(frames.accept(frameOf(9, { viewId: 1 }), MADE)).toBe("late");
  expect(frames.accept(frameOf(8, { viewId: 2 }), MADE)).toBe("final");
});
