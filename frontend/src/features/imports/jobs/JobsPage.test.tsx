import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { renderApp, serve } from "../../../app/testing.tsx";
import { job } from "./testing.ts";

test("each job shows its state, and a live one can be cancelled", async () => {
  const running = job({ rows: 750, rows_total: 1_000 });
  const failed = job({
    id: "j2",
    dataset: "broken",
    state: "failed",
    error: { code: "ragged_row", detail: "Row 7", field: "" },
  });
  const log = serve({
    "GET /api/jobs/": { results: [running, failed], next: null },
    "POST /api/jobs/j1/cancel/": job({ cancelling: true }),
  });
  await renderApp("/jobs");
  const row = await screen.findByRole("row", { name: /flights.csv Running/ });
  expect(row).toHaveTextContent("Reading the file · 75% · 750 rows");
  expect(within(row).getByRole("progressbar")).toHaveAttribute("aria-valuenow", "75");
  const other = screen.getByRole("row", { name: /Failed/ });
  expect(other).toHaveTextContent("A row has too many or too few cells");
  expect(within(other).queryByRole("button")).toBeNull();
  await userEvent.click(within(row).getByRole("button", { name: "Cancel the import of Flights" }));
  await waitFor(() => expect(log.some(({ path }) => path === "/api/jobs/j1/cancel/")).toBe(true));
});

test("without jobs it says so", async () => {
  serve({ "GET /api/jobs/": { results: [], next: null } });
  await renderApp("/jobs");
  expect(await screen.findByText("Nothing has been imported yet")).toBeVisible();
});
