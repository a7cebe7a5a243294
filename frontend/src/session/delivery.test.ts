import { expect, it } from "vitest";
import { pieceOf } from "../model/testing.ts";
import { Delivery } from "./delivery.ts";
import { frameOf } from "./testing.ts";

const MADE = { kind: "points", options: {} };

it.each([
  ["another view's", { viewId: 2 }, "foreign", 0],
  ["a late final one", { seq: 3 }, "late", 1],
  ["a late partial one", { seq: 3, status: "partial" }, "late", 0],
  ["a partial one", { seq: 6, status: "partial" }, "partial", 0],
  ["a final one", { seq: 6 }, "final", 1],
] as const)(
  "takes %s: keeps its pieces, acknowledges whole frames of its view",
  (_what, part, verdict, unacknowledged) => {
    const delivery = new Delivery();
    delivery.receive(frameOf(5), 1, MADE);
    delivery.drawn();
    const frame = frameOf(5, { ...part, pieces: [pieceOf({ id: "aa" })] });
    expect(delivery.receive(frame, 1, MADE).verdict).toBe(verdict);
    expect(delivery.pieces.get("aa")?.id).toBe("aa");
    expect(delivery.unshown).toBe(unacknowledged);
    expect(delivery.drawn()).toHaveLength(unacknowledged);
    expect(delivery.drawn()).toEqual([]);
  },
);

it("names pieces that a frame counts on and that are not here", () => {
  const delivery = new Delivery();
  const frame = frameOf(1, { pieces: [pieceOf({ id: "aa" })], reuse: ["aa", "bb"] });
  expect(delivery.receive(frame, 1, MADE).missing).toEqual(["bb"]);
});

it("says how much of the arriving picture is here", () => {
  const delivery = new Delivery();
  expect(delivery.share(4)).toBe(0);
  delivery.receive(frameOf(1, { status: "partial", pieces: [pieceOf({ id: "aa" })] }), 1, MADE);
  expect(delivery.share(4)).toBe(0.25);
});
