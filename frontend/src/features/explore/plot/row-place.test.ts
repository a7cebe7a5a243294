import { expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import type { GridPiece } from "../../../model/piece.ts";
import type { ViewAxes } from "../../../model/quantity.ts";
import { axesOf, pieceOf, ROWS } from "../../../model/testing.ts";
import { FrameBook } from "../../../session/frames.ts";
import { PieceStore } from "../../../session/piece-store.ts";
import type { ExploreSession } from "../../../session/session.ts";
import { startState } from "../../../session/state.ts";
import { frameOf } from "../../../session/testing.ts";
import { rowsAt, rowsInView } from "./row-place.ts";

const VIEW = { x0: 0, x1: 2, y0: 0, y1: 1 };
const PLAIN = { mark: null, hidden: [], pick: null };
const SIZE = { width: 200, height: 50 };
const LEFT = { u: 0.25, v: 0.5 };
const RIGHT = { u: 0.75, v: 0.5 };

function sessionOf(axes: ViewAxes, change: Partial<GridPiece> = {}): ExploreSession {
  const [frames, pieces] = [new FrameBook(), new PieceStore(1e6)];
  const planes = [{ role: "count", category: 0, cells: Uint8Array.of(3, 0) }] as const;
  const piece = { ...pieceOf({ id: "a", planes }), ...change };
  pieces.add(piece);
  frames.accept(frameOf(1, { pieces: [piece], axes, quantity: ROWS }), { kind: "any", options: {} });
  const start = startState({ kind: "any", options: {}, viewport: VIEW });
  const store = createStore(() => ({ ...start, picture: frames.picture }));
  return { store, frames, pieces } as unknown as ExploreSession;
}

it("asks for the rows of a cell that holds some", () => {
  const found = rowsAt(sessionOf(axesOf("a", "b")), LEFT, PLAIN, SIZE);
  expect(found?.place).toEqual({
    region: { x0: 0, x1: 1, y0: 0, y1: 1 },
    steps: [],
    others: false,
    stepsY: [],
    othersY: false,
    pointer: null,
  });
  expect(found?.title).not.toBe("");
});

it("asks for the nearest row where a cell is empty, with two axes of values", () => {
  const found = rowsAt(sessionOf(axesOf("a", "b")), RIGHT, PLAIN, SIZE);
  expect(found?.place.pointer).toEqual({ x: 1.5, y: 0.5, xPixel: 0.01, yPixel: 0.02, reach: 12 });
  expect(rowsAt(sessionOf(axesOf("a", null)), RIGHT, PLAIN, SIZE)).toBeNull();
});

const RANKED = {
  column: "c",
  type: "number",
  transform: "steps",
  label: "c",
  unit: "",
  steps: ["p", "q", "r", "Other (2)"],
  ranked: 2,
} as const;
const FULL = { planes: [{ role: "count", category: 0, cells: Uint8Array.of(3, 4) }] } as const;

it("names the step of a ranked bar, and for others all steps but the first ones", () => {
  const session = sessionOf({ x: RANKED, y: null }, { ...FULL, steps: [2, 3] });
  expect(rowsAt(session, LEFT, PLAIN, SIZE)?.place).toMatchObject({
    steps: [2],
    others: false,
  });
  expect(rowsAt(session, RIGHT, PLAIN, SIZE)?.place).toMatchObject({ steps: [2], others: true });
});

it("asks for all rows in view: a region, the steps of the bars, or all but those that are not in view", () => {
  expect(rowsInView(sessionOf(axesOf("a", "b")))?.place).toMatchObject({ region: VIEW, others: false });
  const session = sessionOf({ x: RANKED, y: null }, { ...FULL, steps: [2, 3] });
  expect(rowsInView(session)?.place).toMatchObject({ steps: [], others: true });
  session.store.setState({ viewport: { ...VIEW, x1: 1 } });
  expect(rowsInView(session)?.place).toMatchObject({ steps: [2], others: false });
  session.store.setState({ viewport: { ...VIEW, x0: 1 } });
  expect(rowsInView(session)?.place).toMatchObject({ steps: [2], others: true });
});

it("names the steps of both axes of a heat map", () => {
  const cells = Uint8Array.of(3, 4);
  const planes = [{ role: "count", category: 0, cells }] as const;
  const y = { ...RANKED, ranked: 1, steps: ["p"] };
  const session = sessionOf({ x: RANKED, y }, { planes, steps: [2, 3], stepsY: [0] });
  expect(rowsAt(session, LEFT, PLAIN, SIZE)?.place).toMatchObject({
    steps: [2],
    others: false,
    stepsY: [0],
    othersY: false,
  });
  const values = axesOf("a", "b");
  const beside = sessionOf({ x: values.x, y }, { planes, stepsY: [0] });
  expect(rowsAt(beside, RIGHT, PLAIN, SIZE)?.place).toMatchObject({
    region: { x0: 1, x1: 2 },
    steps: [],
    stepsY: [0],
  });
});

it("asks for nothing where the steps of a ranked axis are not known", () => {
  const session = sessionOf({ x: RANKED, y: null }, FULL);
  expect(rowsAt(session, LEFT, PLAIN, SIZE)).toBeNull();
});
