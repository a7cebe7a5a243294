import { expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import { axesOf, columnOf, pieceOf, ROWS } from "../../../model/testing.ts";
import type { ExploreSession } from "../../../session/session.ts";
import { startState } from "../../../session/state.ts";
import { inView, summarise } from "./summary.ts";

const VIEWPORT = { x0: 0, x1: 2, y0: 0, y1: 1 };
const NONE = { missing: 0, infinite: 0, outOfRange: 0, valueMissing: 0, valueInfinite: 0, notOnScale: 0 };

/** A session that shows two cells of `rows`, of a version of `total` rows. */
function sessionOf(rows: readonly [number, number], total: number, unplaced = NONE): ExploreSession {
  const cells = Float64Array.from(rows);
  const piece = pieceOf({ id: "a", planes: [{ role: "count", category: 0, cells }] });
  const picture = { axes: axesOf("t", "v"), quantity: ROWS, receipt: { unplaced } };
  const store = createStore(() => ({
    ...startState({ kind: "points", options: {}, viewport: VIEWPORT }),
    picture,
    version: { id: "v1", number: 1, rows: total },
    columns: [columnOf({ name: "v", infinite: 4 })],
  }));
  return { store, frames: { layers: () => [piece] }, pieces: null } as unknown as ExploreSession;
}

it("says all when it is all, and never about 100 %", () => {
  expect(summarise(sessionOf([1_000_000, 2_000_000], 3_000_000))).toMatch(
    /^All 3,000,000 rows lie in view, /,
  );
  expect(summarise(sessionOf([2_999_999, 0], 3_000_000))).toContain(
    "About 2,999,999 of 3,000,000 rows (more than 99.9 %) lie in view",
  );
  expect(summarise(sessionOf([995, 0], 1_000))).toContain("(99.5%)");
  expect(summarise(sessionOf([1, 2], 9))).toContain("About 3 of 9 rows (33%)");
});

it("counts the rows that have a place, and names the others", () => {
  const session = sessionOf([1, 1], 6, { ...NONE, infinite: 4 });
  expect(summarise(session)).toMatch(
    /^All 2 rows that have a place lie in view, .* near .*\. 4 rows have an infinite v and are not shown\.$/,
  );
  expect(inView(session)).toMatchObject({ rows: 2, placed: 2 });
});

it("says what error bars are", () => {
  const session = sessionOf([1, 1], 2);
  const { picture } = session.store.getState();
  const quantity = { ...ROWS, interval: "mean95" } as const;
  session.store.setState({ picture: picture && { ...picture, quantity } });
  expect(summarise(session)).toMatch(/\. Error bars show the 95 % interval of each mean\.$/);
});

it("says how good estimates are", () => {
  const session = sessionOf([1, 1], 2);
  const { picture } = session.store.getState();
  session.store.setState({ picture: picture && { ...picture, quantity: { ...ROWS, error: 0.016 } } });
  expect(summarise(session)).toMatch(/\. Numbers are estimates, with a standard error of 1.6 %\.$/);
});

it("says that nothing is in view", () => {
  expect(summarise(sessionOf([0, 0], 3))).toBe("No rows lie in view, t from 0 to 2 and v from 0 to 1.");
});
