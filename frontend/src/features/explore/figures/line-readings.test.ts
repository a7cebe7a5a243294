import { expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import type { GridPlane, Role } from "../../../model/piece.ts";
import type { Quantity } from "../../../model/quantity.ts";
import { axesOf, columnOf, pieceOf, valueQuantity } from "../../../model/testing.ts";
import { FrameBook } from "../../../session/frames.ts";
import { PieceStore } from "../../../session/piece-store.ts";
import type { ExploreSession } from "../../../session/session.ts";
import { startState } from "../../../session/state.ts";
import { frameOf } from "../../../session/testing.ts";
import { lineReadingAt, stepColumns } from "./line-readings.ts";

const VIEW = { x0: 0, x1: 4, y0: 0, y1: 1 };
const EVERY = valueQuantity("Every value of v", "span", ["earliest", "latest", "min", "max"], {
  withinValue: true,
});
const BY = { ...EVERY, label: "Every value of v by c", category: "c" };
const ALL = { hidden: [] };
const C = columnOf({
  name: "c",
  type: "category",
  categories: [
    { label: "in", count: 3 },
    { label: "out", count: 1 },
  ],
});

function plane(role: Role, cells: number[], category = 0): GridPlane {
  return { role, category, cells: Float64Array.from(cells) };
}

/** Rows in the first and the last of four columns; the last has one without a value. */
const PLAIN = [
  plane("count", [3, 0, 0, 1]),
  plane("valid", [3, 0, 0, 0]),
  plane("sum", [7.5, 0, 0, 0]),
  plane("min", [1.5, 0, 0, 0]),
  plane("max", [4, 0, 0, 0]),
];

function sessionOf(quantity: Quantity, planes: readonly GridPlane[]): ExploreSession {
  const [frames, pieces] = [new FrameBook(), new PieceStore(1e6)];
  const piece = pieceOf({ id: "a", extent: VIEW, width: 4, planes });
  pieces.add(piece);
  const frame = frameOf(1, { pieces: [piece], axes: axesOf("t", null), quantity });
  frames.accept(frame, { kind: "line", options: {} });
  const start = startState({ kind: "line", options: {}, viewport: VIEW });
  const store = createStore(() => ({ ...start, columns: [C], picture: frames.picture }));
  return { store, frames, pieces } as unknown as ExploreSession;
}

it("reads the nearest column with rows", () => {
  const session = sessionOf(EVERY, PLAIN);
  expect(lineReadingAt(session, { u: 0.4, v: 0.9 }, ALL)).toEqual({
    x: "0 – 1",
    y: "",
    value: "Every value of v 1.5 – 4 · 3 rows",
  });
  expect(lineReadingAt(session, { u: 0.6, v: 0.1 }, ALL)?.value).toBe(
    "Every value of v without a value · 1 row",
  );
});

it("gives a number with the band about it", () => {
  const mean = valueQuantity("Mean of v", "ratio", ["sum"], { withinValue: true });
  const read = (quantity: Quantity) => lineReadingAt(sessionOf(quantity, PLAIN), { u: 0, v: 0 }, ALL)?.value;
  expect(read(mean)).toBe("Mean of v 2.5 (1.5 – 4) · 3 rows");
  expect(read({ ...mean, label: "Sum of v", finisher: "identity", withinValue: false })).toBe(
    "Sum of v 7.5 · 3 rows",
  );
});

it("reads each category that is shown", () => {
  const planes = [
    plane("category", [2, 0, 0, 0]),
    plane("valid", [2, 0, 0, 0]),
    plane("min", [1, 0, 0, 0]),
    plane("max", [2, 0, 0, 0]),
    plane("category", [1, 0, 5, 0], 1),
    plane("valid", [1, 0, 5, 0], 1),
    plane("min", [9, 0, 7, 0], 1),
    plane("max", [9, 0, 7, 0], 1),
  ];
  const session = sessionOf(BY, planes);
  const read = (u: number, hidden: number[]) => lineReadingAt(session, { u, v: 0 }, { hidden })?.value;
  expect(read(0, [])).toBe("Every value of v by c: in 1 – 2, out 9 · 3 rows");
  expect(read(0.9, [])).toBe("Every value of v by c: out 7 · 5 rows");
  expect(read(0.9, [1])).toBe("Every value of v by c: in 1 – 2 · 2 rows");
  expect(read(0.9, [0, 1])).toBeUndefined();
});

it("steps from one column with rows to the next", () => {
  const session = sessionOf(EVERY, PLAIN);
  expect(stepColumns(session, { u: 0.3, v: 0.2 }, 0, [])).toEqual({ u: 0.125, v: 0.2 });
  expect(stepColumns(session, { u: 0.125, v: 0.2 }, 1, [])).toEqual({ u: 0.875, v: 0.2 });
  expect(stepColumns(session, { u: 0.875, v: 0.2 }, 10, [])).toEqual({ u: 0.875, v: 0.2 });
  const empty = sessionOf(EVERY, [plane("count", [0, 0, 0, 0])]);
  expect(stepColumns(empty, { u: 0.3, v: 0.2 }, 1, [])).toEqual({ u: 0.3, v: 0.2 });
});
