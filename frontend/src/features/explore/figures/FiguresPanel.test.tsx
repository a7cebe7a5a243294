import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import type { GridPlane } from "../../../model/piece.ts";
import { axesOf, columnOf, pieceOf, valueQuantity } from "../../../model/testing.ts";
import { FrameBook } from "../../../session/frames.ts";
import { PieceStore } from "../../../session/piece-store.ts";
import { startState } from "../../../session/state.ts";
import { frameOf } from "../../../session/testing.ts";
import type { Exploration } from "../state/exploration.ts";
import { FiguresPanel } from "./FiguresPanel.tsx";

afterEach(cleanup);

const VIEW = { x0: 0, x1: 4, y0: 0, y1: 1 };
const QUANTITY = {
  ...valueQuantity("Every value of v by c", "span", ["earliest", "latest", "min", "max"], {
    withinValue: true,
  }),
  category: "c",
};
const C = columnOf({
  name: "c",
  type: "category",
  categories: [
    { label: "in", count: 3 },
    { label: "out", count: 1 },
  ],
});

function plane(role: GridPlane["role"], cells: number[], category = 0): GridPlane {
  return { role, category, cells: Float64Array.from(cells) };
}

const PLANES = [
  plane("category", [2, 0, 0, 0]),
  plane("valid", [2, 0, 0, 0]),
  plane("min", [1, 0, 0, 0]),
  plane("max", [2, 0, 0, 0]),
  plane("category", [1, 0, 5, 0], 1),
  plane("valid", [1, 0, 5, 0], 1),
  plane("min", [9, 0, 7, 0], 1),
  plane("max", [9, 0, 7, 0], 1),
];

function show(hidden: readonly number[]) {
  const [frames, pieces] = [new FrameBook(), new PieceStore(1e6)];
  const piece = pieceOf({ id: "a", extent: VIEW, width: 4, planes: PLANES });
  pieces.add(piece);
  frames.accept(frameOf(1, { pieces: [piece], axes: axesOf("t", null), quantity: QUANTITY }), {
    kind: "line",
    options: {},
  });
  const start = startState({ kind: "line", options: {}, viewport: VIEW });
  const store = createStore(() => ({ ...start, columns: [C], picture: frames.picture }));
  const look = createStore(() => ({ hidden }));
  const exploration = { session: { store, frames, pieces }, look } as unknown as Exploration;
  const onClose = vi.fn<() => void>();
  render(
    <MantineProvider>
      <FiguresPanel exploration={exploration} onClose={onClose} />
    </MantineProvider>,
  );
  return onClose;
}

async function texts(): Promise<string[][]> {
  const table = await screen.findByRole("table");
  return within(table)
    .getAllByRole("row")
    .map((row) => [...row.children].map((cell) => cell.textContent ?? ""));
}

it("has the numbers of each line in each column of pixels with rows", async () => {
  const onClose = show([]);
  expect(screen.getByRole("region", { name: "Numbers of the picture" })).toHaveFocus();
  expect(await texts()).toEqual([
    ["t", "in", "out", "Rows"],
    ["0 – 1", "1 – 2", "9", "3"],
    ["2 – 3", "", "7", "5"],
  ]);
  expect(screen.getByRole("rowheader", { name: "2 – 3" })).toBeVisible();
  await userEvent.keyboard("{Escape}");
  expect(onClose).toHaveBeenCalledOnce();
});

it("leaves out the lines that are hidden", async () => {
  show([1]);
  expect(await texts()).toEqual([
    ["t", "in", "Rows"],
    ["0 – 1", "1 – 2", "2"],
  ]);
});
