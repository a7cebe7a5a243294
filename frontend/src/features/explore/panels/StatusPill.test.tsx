import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import type { Picture } from "../../../session/frames.ts";
import { startState } from "../../../session/state.ts";
import type { Exploration } from "../state/exploration.ts";
import { StatusPill } from "./StatusPill.tsx";

const EXTENT = { x0: 0, x1: 1, y0: 0, y1: 1 };
const RECEIPT = {
  versionId: "v1",
  backend: "cpu",
  rowsScanned: 3_000_000,
  piecesTotal: 4,
  piecesCached: 1,
  tilesRead: 12,
  stages: [{ name: "scan", ms: 12.34 }],
  traceId: "",
  fraction: 1,
  degraded: "card_lost",
};
const PICTURE = { extent: EXTENT, status: "exact", receipt: RECEIPT } as unknown as Picture;
const WORDS = "The graphics card is not available now. Pictures are as exact as before, only slower.";

afterEach(cleanup);

function show(slower: string) {
  const store = createStore(() => ({
    ...startState({ kind: "points", options: {}, viewport: EXTENT }),
    link: { state: "live" },
    picture: PICTURE,
    slower,
  }));
  const exploration = { session: { store } } as unknown as Exploration;
  render(
    <MantineProvider env="test">
      <StatusPill exploration={exploration} />
    </MantineProvider>,
  );
}

it("says calmly that pictures take longer, and that they are as exact as before", async () => {
  show(WORDS);
  const pill = screen.getByRole("button", { name: "Status: Exact, slower. Show details" });
  expect(pill).toHaveAttribute("data-status", "exact");
  await userEvent.click(pill);
  expect(screen.getByText(WORDS)).toBeVisible();
  expect(screen.getByText("Every row is counted in every cell.")).toBeVisible();
});

it("says what made the picture", async () => {
  show("");
  await userEvent.click(screen.getByRole("button", { name: "Status: Exact. Show details" }));
  expect(screen.getByRole("row", { name: "Made by cpu" })).toBeVisible();
  expect(screen.getByRole("row", { name: "Stored tiles read 12" })).toBeVisible();
  expect(screen.queryByText(WORDS)).toBeNull();
});
