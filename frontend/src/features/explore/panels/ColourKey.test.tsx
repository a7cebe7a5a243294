import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import { DEFAULT_LOOK } from "../../../model/look.ts";
import type { Quantity } from "../../../model/quantity.ts";
import { ANY, byCategory, columnOf, ROWS, valueQuantity } from "../../../model/testing.ts";
import { startState } from "../../../session/state.ts";
import type { Exploration } from "../state/exploration.ts";
import { ColourKey } from "./ColourKey.tsx";

const SCALE = {
  normalisation: "linear",
  lo: 0,
  hi: 86_400e6,
  table: null,
  areaBits: null,
  exponent: 0,
} as const;
const column = columnOf({ name: "when", type: "time", min: 0, max: 1 });
const origin = {
  ...column,
  name: "origin",
  type: "category",
  categories: [{ label: "ATL", count: 9 }],
} as const;

afterEach(cleanup);

function show(quantity: Quantity, together = false): void {
  const start = startState({ kind: "points", options: {}, viewport: null });
  const store = createStore(() => ({ ...start, columns: [column, origin] }));
  const exploration = { session: { store } } as unknown as Exploration;
  render(
    <MantineProvider>
      <ColourKey
        exploration={exploration}
        look={DEFAULT_LOOK}
        scale={SCALE}
        quantity={quantity}
        together={together}
      />
    </MantineProvider>,
  );
}

it.each([
  [ROWS, "Rows in a cell"],
  [ANY, "Any rows in a cell"],
  [valueQuantity("Mean of delay", "ratio", ["sum"]), "Mean of delay in a cell"],
  [byCategory("origin"), "Rows by origin"],
])("titles its colours by the quantity: %#", (quantity, title) => {
  show(quantity);
  expect(screen.getByText(title)).toBeVisible();
});

it("names the categories", () => {
  show(byCategory("origin"));
  expect(screen.getByRole("button", { name: "ATL" })).toBeVisible();
});

it("reads times only where the number is one", () => {
  show(valueQuantity("Mean of when", "ratio", ["sum"], { withinValue: true }));
  expect(screen.getByText(/^1970-01-02/)).toBeVisible();
  cleanup();
  show(valueQuantity("Deviation of when", "deviation", ["squares"]));
  expect(screen.queryByText(/^1970/)).toBeNull();
});

it("names the categories of numbers that are shown at once, where others have a menu", () => {
  const mean = valueQuantity("Mean of when", "ratio", ["sum"], { category: "origin" });
  show(mean, true);
  expect(screen.getByRole("button", { name: "ATL" })).toBeVisible();
  cleanup();
  show(mean);
  expect(screen.getByRole("combobox", { name: "Shown of origin" })).toBeVisible();
});
