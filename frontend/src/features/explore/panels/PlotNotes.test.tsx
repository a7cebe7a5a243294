import { MantineProvider } from "@mantine/core";
import { act, cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { axesOf, pieceOf, ROWS } from "../../../model/testing.ts";
import type { Extent } from "../../../model/viewport.ts";
import type { Picture } from "../../../session/frames.ts";
import { startState } from "../../../session/state.ts";
import type { Exploration } from "../state/exploration.ts";
import { PlotNotes } from "./PlotNotes.tsx";

const HOME = { x0: 0, x1: 2, y0: 0, y1: 1 };

afterEach(cleanup);

/** Two cells of 3 and 4 rows, where there are any. */
function show({
  rows = 10,
  viewport = HOME,
  empty = false,
}: {
  rows?: number;
  viewport?: Extent;
  empty?: boolean;
}) {
  const cells = Uint8Array.from(empty ? [0, 0] : [3, 4]);
  const piece = pieceOf({ id: "a", extent: HOME, planes: [{ role: "count", category: 0, cells }] });
  const picture = { axes: axesOf(), quantity: ROWS, receipt: null, status: "exact" } as unknown as Picture;
  const store = createStore(() => ({
    ...startState({ kind: "points", options: {}, viewport }),
    home: HOME,
    picture,
    version: { id: "v1", number: 1, rows },
  }));
  const session = { store, frames: { layers: () => [piece] }, pieces: null };
  const exploration = { session, wholeExtent: () => HOME, showAll: vi.fn<() => void>() };
  render(
    <MantineProvider>
      <PlotNotes exploration={exploration as unknown as Exploration} />
    </MantineProvider>,
  );
  return { ...exploration, store };
}

it("says how many rows lie outside of what the view opens with, and shows them", async () => {
  const { showAll } = show({});
  expect(await screen.findByText(/3 rows lie outside/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Show all" }));
  expect(showAll).toHaveBeenCalledOnce();
});

it("leads out of an empty part", async () => {
  const { showAll } = show({ empty: true, viewport: { ...HOME, x1: 1 } });
  expect(await screen.findByText(/No rows here/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Show everything" }));
  expect(showAll).toHaveBeenCalledOnce();
});

it("says nothing where every row is in view, elsewhere, or while the view moves", () => {
  vi.useFakeTimers();
  const settle = () => act(() => vi.advanceTimersByTime(1_000));
  const { store } = show({});
  settle();
  expect(screen.getByText(/3 rows lie outside/)).toBeVisible();
  act(() => store.setState({ moving: true }));
  expect(screen.getByRole("status")).toBeEmptyDOMElement();
  cleanup();
  show({ rows: 7 });
  show({ viewport: { ...HOME, x1: 1.5 } });
  settle();
  for (const status of screen.getAllByRole("status")) expect(status).toBeEmptyDOMElement();
  vi.useRealTimers();
});
