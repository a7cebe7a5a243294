import { expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import type { ViewAxes } from "../../../model/quantity.ts";
import { axesOf, pieceOf, ROWS, valueQuantity } from "../../../model/testing.ts";
import { FrameBook } from "../../../session/frames.ts";
import { PieceStore } from "../../../session/piece-store.ts";
import type { ExploreSession } from "../../../session/session.ts";
import { startState } from "../../../session/state.ts";
import { frameOf } from "../../../session/testing.ts";
import { summarise } from "../state/summary.ts";
import { axisLooks, boxText, readingAt, stepCells } from "./plot-readings.ts";

const VIEW = { x0: 0, x1: 2, y0: 0, y1: 1 };
const PLAIN = { mark: null, hidden: [], pick: null };
const PLANES = [
  { role: "count", category: 0, cells: Uint8Array.of(3, 5) },
  { role: "valid", category: 0, cells: Uint8Array.of(2, 4) },
  { role: "sum", category: 0, cells: Float64Array.of(3, 8) },
] as const;

/** A session with one picture of two cells side by side. */
function sessionOf(axes: ViewAxes, quantity = ROWS): ExploreSession {
  const [frames, pieces] = [new FrameBook(), new PieceStore(1e6)];
  const piece = pieceOf({ id: "a", planes: PLANES });
  pieces.add(piece);
  frames.accept(frameOf(1, { pieces: [piece], axes, quantity }), { kind: "any", options: {} });
  const start = startState({ kind: "any", options: {}, viewport: VIEW });
  const version = { id: "v", number: 1, rows: 10 };
  const store = createStore(() => ({ ...start, version, picture: frames.picture }));
  return { store, frames, pieces } as unknown as ExploreSession;
}

it("titles axes by the picture; without y the height is the quantity", () => {
  const time = { column: "t", type: "time", transform: "linear", label: "Departure", unit: "" } as const;
  expect(axisLooks(sessionOf({ x: time, y: null }))).toEqual({
    x: { type: "time", transform: "linear", title: "Departure" },
    y: { type: "number", transform: "linear", title: "Rows" },
  });
  expect(axisLooks(sessionOf(axesOf("a", "b"))).y.title).toBe("b");
});

it("reads cells and boxes in the values of the column", () => {
  const { x } = axesOf("a", null);
  const carrier = { ...x, transform: "steps", steps: ["AA"] } as const;
  expect(axisLooks(sessionOf({ x: carrier, y: x })).x).toMatchObject({ transform: "steps", steps: ["AA"] });
  const session = sessionOf({ x: { ...x, transform: "log10" }, y: x });
  expect(axisLooks(session).x).toEqual({ type: "number", transform: "log10", title: "a, log scale" });
  expect(readingAt(session, { u: 0.75, v: 0.5 }, PLAIN)?.x).toBe("10 – 100");
  expect(boxText(session, { a: { u: 0, v: 0 }, b: { u: 0.5, v: 0.5 } }, "x")).toBe("Box: x 1 to 10");
});

it("reads the cell under a place by its quantity", () => {
  const session = sessionOf(axesOf(), valueQuantity("Mean of delay", "ratio", ["sum"]));
  expect(readingAt(session, { u: 0.75, v: 0.5 }, PLAIN)).toEqual({
    x: "1 – 2",
    y: "0 – 1",
    value: "Mean of delay 2 · 5 rows",
  });
  const bars = sessionOf(axesOf("x", null));
  expect(readingAt(bars, { u: 0.25, v: 0.99 }, PLAIN)).toEqual({ x: "0 – 1", y: "", value: "3 rows" });
});

it("steps from cell to cell, and not out of the plot", () => {
  const session = sessionOf(axesOf());
  expect(stepCells(session, { u: 0.1, v: 0.1 }, 0, 0, "both")).toEqual({ u: 0.25, v: 0.5 });
  expect(stepCells(session, { u: 0.25, v: 0.5 }, 1, 0, "both")).toEqual({ u: 0.75, v: 0.5 });
  expect(stepCells(session, { u: 0.75, v: 0.5 }, 1, 1, "both")).toEqual({ u: 0.75, v: 0.5 });
});

it("says where a box lies", () => {
  const box = { a: { u: 0.5, v: 0.5 }, b: { u: 0, v: 1 } };
  expect(boxText(sessionOf(axesOf()), box, "both")).toBe("Box: x 0 to 1, y 0.5 to 1");
  expect(boxText(sessionOf(axesOf()), box, "x")).toBe("Box: x 0 to 1");
});

it("summarises the picture along its axes", () => {
  expect(summarise(sessionOf(axesOf("date", "delay")))).toBe(
    "About 8 of 10 rows (80%) lie in view, date from 0 to 2 and delay from 0 to 1. " +
      "The fullest cell holds 5 rows, near 1.5, 0.5.",
  );
  expect(summarise(sessionOf(axesOf("date", null)))).toBe(
    "About 8 of 10 rows (80%) lie in view, date from 0 to 2. The fullest cell holds 5 rows, near 1.5.",
  );
});
