import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, it, onTestFinished } from "vitest";
import { createStore } from "zustand/vanilla";
import { ADA, serve } from "../../../app/testing.tsx";
import type { ViewAxes } from "../../../model/quantity.ts";
import { axesOf, columnOf, mapAxes } from "../../../model/testing.ts";
import { auth } from "../../../net/rest/auth.ts";
import type { Exploration } from "../state/exploration.ts";
import { RowOrderLink } from "./RowOrderLink.tsx";

afterEach(cleanup);

const columns = ["date", "delay", "distance", "lon", "lat"].map((name) =>
  columnOf({ name, type: "number", min: 0, max: 9 }),
);
const { x, y } = axesOf("delay", "distance");

const version = { rows: 3_000_000, pair: { x: "date", y: "delay" } };

async function show(axes: ViewAxes, part: object = {}) {
  serve({ "GET /api/datasets/flights/": { role: "owner", version, ...part } });
  await auth.signIn(ADA.email, "secret");
  onTestFinished(async () => {
    await act(() => auth.signOut());
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const store = createStore(() => ({ picture: { axes }, columns: [...columns, columnOf({ name: "none" })] }));
  const exploration = { session: { store } } as unknown as Exploration;
  render(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <MemoryRouter>
          <RowOrderLink slug="flights" exploration={exploration} />
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
  await waitFor(() => expect(client.isFetching()).toBe(0));
}

it("leads an editor to the order of rows, with the axes on screen", async () => {
  await show({ x, y }, { role: "editor" });
  const link = screen.getByRole("link", { name: "Order rows by these axes" });
  expect(link).toHaveAttribute("href", "/d/flights?x=delay&y=distance");
});

it("says so where rows have this order", async () => {
  await show(axesOf("date", "delay"));
  expect(screen.getByText("Rows are ordered by these axes.")).toBeVisible();
  expect(screen.queryByRole("link")).toBeNull();
});

it.each([
  ["for a viewer", { x, y }, { role: "viewer" }],
  ["for few rows", { x, y }, { version: { ...version, rows: 65_536 } }],
  ["with one axis", axesOf("delay", null), {}],
  ["for the same column twice", axesOf("delay", "delay"), {}],
  ["for a column without numbers", axesOf("delay", "none"), {}],
  ["for a map", mapAxes(), {}],
])("is not there %s", async (_, axes, part) => {
  await show(axes, part);
  expect(screen.queryByText(/these axes/u)).toBeNull();
});
