import { MantineProvider } from "@mantine/core";
import { act, cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import { readColumn } from "../../../model/column.ts";
import type { RowsAsk, RowsMessage } from "../../../net/socket/messages.ts";
import { RowPanel } from "./row-panel.ts";
import { RowsPanel } from "./RowsPanel.tsx";

afterEach(cleanup);

const PAGE: RowsMessage = {
  type: "rows",
  viewId: 1,
  pickId: 1,
  matching: 51,
  offset: 0,
  columns: [
    readColumn({ name: "delay", type: "COLUMN_TYPE_NUMBER", dtype: "int64", unit: "min" }),
    readColumn({ name: "note", type: "COLUMN_TYPE_TEXT", dtype: "string" }),
  ],
  rows: [
    { number: 7, cells: [2n ** 60n, "long"], cut: [1] },
    { number: 9, cells: [null, "b"], cut: [] },
  ],
};

function show() {
  const asked: RowsAsk[] = [];
  const source = {
    store: createStore(() => ({ kind: "points", options: {} })),
    pick: (_id: number, ask: RowsAsk) => asked.push(ask) > 0,
  };
  const rows = new RowPanel(source);
  render(
    <MantineProvider>
      <RowsPanel panel={rows} />
    </MantineProvider>,
  );
  const place = { region: null, steps: [], others: false, stepsY: [], othersY: false, pointer: null };
  act(() => rows.open({ place, title: "a cell", focus: true }));
  act(() => rows.receive(PAGE));
  return { rows, asked };
}

it("shows exact cells with units, what is missing and what was cut", () => {
  show();
  const panel = screen.getByRole("region", { name: "Rows" });
  expect(panel).toHaveFocus();
  expect(within(panel).getByRole("status")).toHaveTextContent("51 rows");
  expect(within(panel).getByRole("columnheader", { name: "delay min" })).toBeVisible();
  expect(
    within(panel)
      .getAllByRole("cell")
      .slice(0, 4)
      .map((cell) => cell.textContent),
  ).toEqual(["1152921504606846976", "long…", "missing", "b"]);
});

it("sorts by a column", async () => {
  const { asked } = show();
  await userEvent.click(screen.getByRole("button", { name: "delay min" }));
  expect(screen.getByRole("columnheader", { name: /delay/ })).toHaveAttribute("aria-sort", "ascending");
  expect(asked.at(-1)).toMatchObject({ sort: { column: "delay", descending: false }, offset: 0 });
});

it("sorts by a text as far as its order is known", async () => {
  const { rows, asked } = show();
  act(() => rows.receive({ ...PAGE, matching: 30_000 }));
  await userEvent.click(screen.getByRole("button", { name: "note" }));
  act(() => rows.receive({ ...PAGE, pickId: 2, matching: 30_000 }));
  expect(screen.getByText(/the table ends at row 20,000/)).toBeVisible();
  act(() => rows.goTo(29_999));
  expect(screen.getAllByRole("row").at(-1)).toHaveAttribute("aria-rowindex", "20001");
  expect(asked.at(-1)).toMatchObject({ sort: { column: "note", descending: false }, offset: 19_950 });
  await userEvent.click(screen.getByRole("button", { name: "delay min" }));
  act(() => rows.receive({ ...PAGE, pickId: asked.length, matching: 30_000 }));
  expect(screen.queryByText(/the table ends/)).toBeNull();
});

it("says where rows stand among all, and goes to any of them by keys and by number", async () => {
  const { asked } = show();
  expect(screen.getByRole("table")).toHaveAttribute("aria-rowcount", "52");
  const first = () => screen.getAllByRole("row")[1]?.getAttribute("aria-rowindex");
  expect(first()).toBe("2");
  act(() => screen.getByRole("region", { name: "Cells of rows" }).focus());
  await userEvent.keyboard("{End}");
  expect(screen.getAllByRole("row").at(-1)).toHaveAttribute("aria-rowindex", "52");
  expect(asked.at(-1)).toMatchObject({ offset: 50 });
  await userEvent.keyboard("{Home}");
  expect(first()).toBe("2");
  await userEvent.type(screen.getByRole("spinbutton", { name: "Go to row" }), "31{Enter}");
  expect(first()).toBe(String(31 + 1 - 8));
});

it("closes with Escape and with its button", async () => {
  const { rows } = show();
  await userEvent.keyboard("{Escape}");
  expect(rows.isOpen).toBe(false);
  expect(screen.queryByRole("region", { name: "Rows" })).toBeNull();
});

it("leaves a column out", async () => {
  const { asked } = show();
  await userEvent.click(screen.getByText("All 2 columns"));
  await userEvent.click(screen.getByRole("checkbox", { name: "note" }));
  expect(asked.at(-1)).toMatchObject({ columns: ["delay"] });
  expect(screen.getByText("1 of 2 columns")).toBeVisible();
});
