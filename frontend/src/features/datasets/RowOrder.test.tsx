import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { problem, renderApp, serve } from "../../app/testing.tsx";
import type { Dataset } from "./catalogue.ts";
import { COLUMNS, dataset } from "./testing.ts";

/** The job, as far as its page shows it. */
const ORDERING = {
  id: "j1",
  kind: "index",
  state: "running",
  phase: "moving rows",
  dataset: "flights",
  title: "Flights",
  upload: null,
  source: "",
  pair: { x: "delay", y: "date" },
  rows: 1_500_000,
  rows_total: 3_000_000,
  bytes: 0,
  bytes_total: 0,
  cancelling: false,
  skipped: [],
  unreadable: {},
  warnings: [],
  error: null,
};

const VERSION = {
  version_id: "v1",
  number: 1,
  rows: 65_536,
  bytes: 10,
  published_at: "2026-01-01T00:00:00Z",
};

function open(part: Partial<Dataset> = {}, more: Parameters<typeof serve>[0] = {}) {
  return serve({
    "GET /api/datasets/flights/": dataset(part),
    "GET /api/datasets/flights/columns/": COLUMNS,
    "GET /api/datasets/": { results: [], next: null },
    ...more,
  });
}

test("says by which columns rows are ordered, and lets an editor choose others", async () => {
  const shown: { job: object } = { job: ORDERING };
  const log = open(
    { role: "editor" },
    {
      "POST /api/datasets/flights/index/": () => Response.json(shown.job, { status: 202 }),
      "GET /api/jobs/j1/": () => Response.json(shown.job),
      "POST /api/jobs/j1/cancel/": () => Response.json(shown.job),
    },
  );
  const { address } = await renderApp("/d/flights");
  expect(await screen.findByText("date and delay")).toBeVisible();
  const button = await screen.findByRole("button", { name: "Order rows by these axes" });
  expect(button).toBeDisabled();
  await userEvent.selectOptions(screen.getByLabelText("X axis"), "delay");
  expect(screen.getByText("Choose two different columns.")).toBeVisible();
  expect(button).toBeDisabled();
  await userEvent.selectOptions(screen.getByLabelText("Y axis"), "date");
  await userEvent.click(button);
  expect(await screen.findByRole("heading", { name: "Moving the rows" })).toBeVisible();
  expect(screen.getByText("rows by delay and date → Flights")).toBeVisible();
  expect(log.find(({ path }) => path.endsWith("/index/"))?.body).toEqual({ x: "delay", y: "date" });
  expect(address()).toBe("/datasets/new?job=j1&order=flights");
  expect(screen.getByRole("heading", { name: "Order rows" })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(log.some(({ path }) => path === "/api/jobs/j1/cancel/")).toBe(true);
  shown.job = { ...ORDERING, state: "published", rows: 3_000_000 };
  expect(await screen.findByText("3,000,000 rows were ordered by delay and date.")).toBeVisible();
  expect(screen.getByRole("link", { name: "Choose other axes" })).toHaveAttribute("href", "/d/flights");
});

test("a link names the axes to choose, where they can be chosen", async () => {
  open({ role: "editor" });
  const { router } = await renderApp("/d/flights?x=delay&y=date");
  expect(await screen.findByLabelText("X axis")).toHaveValue("delay");
  expect(screen.getByRole("button", { name: "Order rows by these axes" })).toBeEnabled();
  await act(() => router.navigate("/d/flights?x=carrier&y=date"));
  expect(screen.getByLabelText("X axis")).toHaveValue("date");
  expect(screen.getByLabelText("Y axis")).toHaveValue("delay");
});

test.each([
  ["cancelled", { ...ORDERING, state: "cancelled" }, "The ordering was cancelled"],
  [
    "failed",
    { ...ORDERING, state: "failed", error: { code: "conflict", detail: "A newer version came.", field: "" } },
    "A newer version came.",
  ],
])("when it has %s, the dataset is as it was", async (_, ended, words) => {
  open({}, { "GET /api/jobs/j1/": ended });
  await renderApp("/datasets/new?job=j1&order=flights");
  expect(await screen.findByText("The dataset is as it was.")).toBeVisible();
  expect(screen.getByText(words)).toBeVisible();
  expect(screen.getByRole("link", { name: "Choose other axes" })).toBeVisible();
});

test("what the service refuses is said", async () => {
  open(
    {},
    { "POST /api/datasets/flights/index/": () => problem(409, "conflict", {}, "They are being ordered.") },
  );
  await renderApp("/d/flights");
  await userEvent.selectOptions(await screen.findByLabelText("X axis"), "delay");
  await userEvent.selectOptions(screen.getByLabelText("Y axis"), "date");
  await userEvent.click(screen.getByRole("button", { name: "Order rows by these axes" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("They are being ordered.");
});

test.each([
  ["a viewer", dataset({ role: "viewer" })],
  ["few rows", dataset({ version: { ...VERSION, pair: null } })],
])("%s: there is nothing to choose", async (_, shown) => {
  open(shown);
  await renderApp("/d/flights");
  expect(await screen.findByText("Rows are ordered by")).toBeVisible();
  expect(screen.queryByLabelText("X axis")).toBeNull();
});
