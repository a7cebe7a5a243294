import { expect, it } from "vitest";
import { axesOf, mapAxes } from "../model/testing.ts";
import { mapTurn } from "./state.ts";

const CHOSEN = { x0: 0, x1: 10, y0: 0, y1: 10 };
const TURN = { viewport: CHOSEN, home: CHOSEN };
const PLOT = { width: 100, height: 50 };

it("a projection whose extent the server chose is shown with equal steps", () => {
  const grown = { x0: -5, x1: 15, y0: 0, y1: 10 };
  expect(mapTurn(TURN, mapAxes(), PLOT)).toEqual({ viewport: grown, home: grown });
  // It has them, or the client asked for this extent.
  expect(mapTurn(TURN, mapAxes(), { width: 50, height: 50 })).toBeNull();
  expect(mapTurn({ viewport: CHOSEN, home: undefined }, mapAxes(), PLOT)).toBeNull();
  expect(mapTurn({ viewport: null, home: undefined }, mapAxes(), PLOT)).toBeNull();
});

it("other axes stay as they are, and so does a plot without a size", () => {
  for (const axes of [axesOf(), axesOf("x", null), null]) expect(mapTurn(TURN, axes, PLOT)).toBeNull();
  expect(mapTurn(TURN, mapAxes(), null)).toBeNull();
});
