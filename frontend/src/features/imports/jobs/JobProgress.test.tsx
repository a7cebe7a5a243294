import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { problem, renderApp, serve } from "../../../app/testing.tsx";
import type { Job } from "./jobs.ts";
import { job } from "./testing.ts";

/** Shows a job whose state the test moves on. */
async function follow(first: Job) {
  const shown = { job: first };
  const log = serve({ "GET /api/jobs/j1/": () => Response.json(shown.job) });
  await renderApp("/datasets/new?job=j1");
  return { shown, log };
}

const hrefOf = (name: string) => screen.getByRole("link", { name }).getAttribute("href");

test("a running job shows progress and speed", async () => {
  await follow(
    job({
      rows: 1_200_000,
      rows_total: 3_000_000,
      bytes: 30e6,
      bytes_total: 75e6,
      rows_per_second: 400_000,
      eta_seconds: 4.5,
    }),
  );
  expect(await screen.findByRole("heading", { name: "Reading the file" })).toBeVisible();
  expect(
    screen.getByText("1,200,000 of 3,000,000 rows · 30 MB of 75 MB · 400,000 rows/s · about 5 s left"),
  ).toBeVisible();
  expect(screen.getByRole("progressbar", { name: "Import progress" })).toHaveAttribute("aria-valuenow", "40");
  expect(screen.getByRole("status")).toHaveTextContent("Reading the file");
});

test("it is polled each second until it is published", async () => {
  const { shown, log } = await follow(job({ state: "queued", phase: "" }));
  expect(await screen.findByRole("heading", { name: "Waiting for a worker" })).toBeVisible();
  shown.job = job({
    state: "published",
    version: "v1",
    rows: 3_000_000,
    started_at: "2026-01-01T00:00:00Z",
    finished_at: "2026-01-01T00:00:09Z",
  });
  expect(await screen.findByText("3,000,000 rows were imported in 9 s.")).toBeVisible();
  expect(screen.getByRole("link", { name: "Explore" })).toHaveAttribute("href", "/d/flights/explore");
  expect(log.filter(({ path }) => path === "/api/jobs/j1/").length).toBeGreaterThanOrEqual(2);
});

test("a published job names the columns that were left out", async () => {
  const skipped = [{ name: "tags", dtype: "list<string>", reason: "unsupported_type" }];
  await follow(job({ state: "published", version: "v1", rows: 2, skipped }));
  expect(await screen.findByText(/One column was left out.*tags \(list<string>\)/)).toBeVisible();
});

test("a failed job names the fix", async () => {
  await follow(job({ state: "failed", error: { code: "corrupt_parquet", detail: "No footer.", field: "" } }));
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("The Parquet file is damaged");
  expect(alert).toHaveTextContent("No footer.");
  expect(hrefOf("Try again with other settings")).toBe("/datasets/new?upload=up1&dataset=flights");
  expect(hrefOf("Upload another file")).toBe("/datasets/new?dataset=flights");
});

test("a failed import of a new dataset leaves none, and its file can be read in another way", async () => {
  const error = { code: "ragged_row", detail: "Line 7.", field: "" };
  await follow(job({ state: "failed", dataset: null, title: "Towns & rivers", error }));
  expect(await screen.findByRole("alert")).toHaveTextContent(
    "Line 7.Change how the file is read, or fix it and upload it again. Nothing was stored.No dataset was made.",
  );
  expect(hrefOf("Try again with other settings")).toBe("/datasets/new?upload=up1&title=Towns+%26+rivers");
  expect(hrefOf("Upload another file")).toBe("/datasets/new");
});

test("a published job counts the cells that could not be read, and repeats what is odd", async () => {
  const unreadable = {
    day: { count: 12, cells: [{ line: 4, text: "2023-02-29" }] },
    v: { count: 0, cells: [] },
  };
  const warnings = [{ code: "no_header", text: "There is no header.", column: "" }];
  await follow(job({ state: "published", version: "v1", rows: 2, unreadable, warnings }));
  expect(await screen.findByText("day")).toBeVisible();
  expect(screen.getByText(/12 cells, the first 1 of them/)).toBeVisible();
  expect(screen.getByText("2023-02-29")).toBeVisible();
  expect(screen.queryByText("v")).toBeNull();
  expect(screen.getByText("There is no header.")).toBeVisible();
});

test("cancelling is requested once", async () => {
  const log = serve({
    "GET /api/jobs/j1/": () => Response.json(job({ cancelling: cancels().length > 0 })),
    "POST /api/jobs/j1/cancel/": job({ cancelling: true }),
  });
  const cancels = () => log.filter(({ method, path }) => method === "POST" && path.endsWith("/cancel/"));
  await renderApp("/datasets/new?job=j1");
  await userEvent.click(await screen.findByRole("button", { name: "Cancel import" }));
  expect(await screen.findByRole("heading", { name: "Stopping" })).toBeVisible();
  expect(screen.getByRole("button", { name: "Cancel import" })).toBeDisabled();
  expect(cancels()).toHaveLength(1);
});

test("a cancelled job stores nothing", async () => {
  await follow(job({ state: "cancelled" }));
  expect(await screen.findByText(/Nothing was stored/)).toBeVisible();
});

test("a lost connection keeps the last figures on the screen", async () => {
  const { shown } = await follow(job({ rows: 5, rows_total: 10 }));
  expect(await screen.findByText("5 of 10 rows")).toBeVisible();
  Object.defineProperty(shown, "job", {
    get: () => {
      throw new TypeError("network");
    },
  });
  expect(await screen.findByText("Halftone cannot be reached")).toBeVisible();
  expect(screen.getByText("5 of 10 rows")).toBeVisible();
});

test("a job that is not there says so", async () => {
  serve({ "GET /api/jobs/j1/": () => problem(404, "not_found") });
  await renderApp("/datasets/new?job=j1");
  expect(await screen.findByRole("alert")).toHaveTextContent("There is nothing here");
});
