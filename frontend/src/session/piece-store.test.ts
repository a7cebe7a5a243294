import * as fc from "fast-check";
import { expect, it } from "vitest";
import { pieceOf } from "../model/testing.ts";
import { PieceStore } from "./piece-store.ts";

it("lets the least recently used go first, and only after the next frame", () => {
  const store = new PieceStore(250);
  for (const id of ["a", "b", "c"]) store.add(pieceOf({ id }));
  store.touch("a");
  expect(store.evict(new Set())).toEqual(["b"]);
  expect(store.get("b")).toBeDefined();
  expect(store.held().toSorted()).toEqual(["a", "c"]);
  expect(store.evict(new Set())).toEqual([]);
  store.settle(new Set());
  expect(store.get("b")).toBeUndefined();
});

it("keeps a piece that a frame still named", () => {
  const store = new PieceStore(150);
  for (const id of ["a", "b"]) store.add(pieceOf({ id }));
  expect(store.evict(new Set(["b"]))).toEqual(["a"]);
  store.settle(new Set(["a", "b"]));
  expect(store.held()).toEqual(["a", "b"]);
});

it("is bounded by what is in use and the limit", () => {
  const ids = fc.array(fc.nat(40).map(String), { maxLength: 200 });
  fc.assert(
    fc.property(ids, (sequence) => {
      const store = new PieceStore(1000);
      for (const id of sequence) {
        store.add(pieceOf({ id }));
        const used = new Set([id]);
        store.settle(used);
        store.evict(used);
      }
      store.settle(new Set());
      expect(store.size.bytes).toBeLessThanOrEqual(1000);
      expect(store.size.bytes).toBe(store.size.pieces * 100);
    }),
  );
});
