import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { columnOf } from "../../../model/testing.ts";
import type { ColumnInfo } from "../../../net/socket/messages.ts";
import { startState } from "../../../session/state.ts";
import type { Exploration } from "../state/exploration.ts";
import type { Kinds } from "../state/schema.ts";
import { KindForm } from "./KindForm.tsx";

const KINDS: Kinds = {
  histogram: { title: "Histogram", properties: {} },
  points: {
    title: "Points",
    properties: {
      x: { type: ["string", "null"], title: "X", "x-halftone-column": ["number", "time"] },
      value: { type: ["string", "null"], title: "Value", "x-halftone-column": "number" },
      reduction: { type: "string", title: "Reduction", enum: ["count", "mean"], default: "count" },
    },
  },
};
const column = (name: string, type: ColumnInfo["type"]) => columnOf({ name, type });

afterEach(cleanup);

function show(change: Partial<ReturnType<typeof startState>> = {}) {
  const start = startState({ kind: "points", options: { x: "delay", reduction: "count" }, viewport: null });
  const columns = [column("date", "time"), column("delay", "number"), column("origin", "category")];
  const store = createStore(() => ({ ...start, columns, ...change }));
  const exploration = {
    kinds: KINDS,
    session: { store },
    changeOption: vi.fn<Exploration["changeOption"]>(),
    note: createStore(() => ({ text: "Value is delay." })),
    changeKind: vi.fn<Exploration["changeKind"]>(),
  };
  render(
    <MantineProvider>
      <KindForm exploration={exploration as unknown as Exploration} />
    </MantineProvider>,
  );
  return exploration;
}

const offered = (label: string) =>
  within(screen.getByLabelText(label))
    .getAllByRole("option")
    .filter((option) => !(option as HTMLOptionElement).disabled)
    .map((option) => option.textContent);

it("is made from the schema and the columns of the dataset", () => {
  show();
  expect(offered("X")).toEqual(["—", "date", "delay"]);
  expect(offered("Value")).toEqual(["—", "delay"]);
  expect(screen.getAllByRole("option", { name: "origin (a category)" })[0]).toBeDisabled();
  expect(offered("Reduction")).toEqual(["count", "mean"]);
  expect(screen.getByLabelText("X")).toHaveValue("delay");
});

it("says what was changed beside the last choice", () => {
  show();
  expect(screen.getByRole("status")).toHaveTextContent("Value is delay.");
});

it("passes choices on; nothing chosen is no option at all", async () => {
  const exploration = show();
  await userEvent.selectOptions(screen.getByLabelText("Reduction"), "mean");
  expect(exploration.changeOption).toHaveBeenCalledWith("reduction", "mean");
  await userEvent.selectOptions(screen.getByLabelText("X"), "—");
  expect(exploration.changeOption).toHaveBeenCalledWith("x", undefined);
  await userEvent.selectOptions(screen.getByLabelText("Kind"), "Histogram");
  expect(exploration.changeKind).toHaveBeenCalledWith("histogram");
});

it("shows a refusal at its field", () => {
  const error = {
    type: "error",
    code: "param_invalid",
    field: "value",
    detail: "mean needs a value column.",
  } as const;
  show({ error: { ...error, viewId: 1, seq: 2, requestId: "r", retryAfterMs: 0 } });
  expect(screen.getByLabelText("Value")).toBeInvalid();
  expect(screen.getByText("mean needs a value column.")).toBeVisible();
  expect(screen.getByLabelText("X")).toBeValid();
});

it("keeps a column that a link names and the dataset lacks", () => {
  show({ options: { x: "altitude" } });
  expect(screen.getByLabelText("X")).toHaveValue("altitude");
});
