import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { problem, renderApp, serve } from "../../app/testing.tsx";
import { columnReading, reading } from "../../model/testing-reading.ts";
import { COLUMNS, dataset } from "./testing.ts";

const FLIGHTS = {
  "GET /api/datasets/flights/": dataset(),
  "GET /api/datasets/flights/columns/": COLUMNS,
  "GET /api/datasets/": { results: [], next: null },
};

test("the overview has the figures and the way to Explore", async () => {
  serve(FLIGHTS);
  await renderApp("/d/flights");
  expect(await screen.findByRole("heading", { name: "Flights" })).toBeVisible();
  expect(
    await screen.findByText("1 number · 1 time · 1 category · 1 text, which is kept but not drawn"),
  ).toBeVisible();
  expect(screen.getByText("3,000,000")).toBeVisible();
  expect(screen.getByRole("link", { name: "Explore" })).toHaveAttribute("href", "/d/flights/explore");
  await waitFor(() => expect(document.title).toBe("Flights · Halftone"));
});

test("the columns are a table of what is known of them", async () => {
  serve(FLIGHTS);
  const { address } = await renderApp("/d/flights");
  await userEvent.click(await screen.findByRole("tab", { name: "Columns" }));
  const row = await screen.findByRole("row", { name: /delay/ });
  expect(
    within(row)
      .getAllByRole("cell")
      .map((cell) => cell.textContent),
  ).toEqual([
    "number",
    "min",
    "int16",
    "30,000 1%",
    "2delay: 2 cells, the first 1 of themline 17: late",
    "900",
    "-60.5",
    "1,200",
    "-20 to 180",
    "",
  ]);
  expect(screen.queryByRole("columnheader", { name: "Infinite" })).toBeNull();
  expect(screen.getByText(/“about” are estimates/)).toBeVisible();
  expect(address()).toBe("/d/flights?tab=columns");
});

test("versions are listed, and editors may import another", async () => {
  serve({
    ...FLIGHTS,
    "GET /api/datasets/flights/versions/": [
      { version_id: "v1", number: 1, rows: 5, bytes: 10, published_at: "2026-01-01T00:00:00Z" },
    ],
    "GET /api/datasets/flights/versions/v1/": {
      reading: reading({
        columns: [columnReading("Ort", { name: "Town", type: "category", missing: ["?"] })],
      }),
      unreadable: { Menge: { count: 1, cells: [{ line: 4, text: "viel" }] } },
      warnings: [{ code: "no_header", text: "There is no header.", column: "" }],
    },
  });
  await renderApp("/d/flights?tab=versions");
  expect(await screen.findByRole("row", { name: /newest/ })).toHaveTextContent("v1");
  const button = screen.getByRole("button", { name: "How version 1 was read" });
  await userEvent.click(button);
  expect(button).toHaveAttribute("aria-expanded", "true");
  expect(await screen.findByText("There is no header.")).toBeVisible();
  expect(screen.getByText("The text is UTF-8; cells are divided by a semicolon.")).toBeVisible();
  expect(screen.getByText("Ort: named Town, category, also missing: ?")).toBeVisible();
  expect(screen.getByText("viel")).toBeVisible();
  expect(screen.getByRole("link", { name: "Import a new version" })).toHaveAttribute(
    "href",
    "/datasets/new?dataset=flights",
  );
});

test("an owner shares by e-mail and takes access away", async () => {
  const shared = [{ id: "p1", user: "bob@example.org", group: null, role: "viewer" }];
  const log = serve({
    ...FLIGHTS,
    "GET /api/datasets/flights/permissions/": () => Response.json(shared),
    "POST /api/datasets/flights/permissions/": () => Response.json(shared[0], { status: 201 }),
    "DELETE /api/datasets/flights/permissions/p1/": () =>
      problem(409, "conflict", {}, "A dataset needs an owner."),
  });
  await renderApp("/d/flights?tab=access");
  await userEvent.type(await screen.findByLabelText("Share with"), "eve@example.org");
  await userEvent.selectOptions(screen.getByLabelText("Role"), "editor");
  await userEvent.click(screen.getByRole("button", { name: "Share" }));
  const shares = () => log.filter(({ method, path }) => method === "POST" && path.endsWith("/permissions/"));
  await waitFor(() => expect(shares()).toHaveLength(1));
  expect(shares()[0]?.body).toEqual({ user: "eve@example.org", role: "editor" });
  await userEvent.click(screen.getByRole("button", { name: "Remove the access of bob@example.org" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("A dataset needs an owner.");
});

test("a viewer sees who decides, and cannot delete", async () => {
  serve({ ...FLIGHTS, "GET /api/datasets/flights/": dataset({ role: "viewer" }) });
  await renderApp("/d/flights?tab=access");
  expect(await screen.findByText(/Its owner, Ada, decides/)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Delete Flights" })).toBeNull();
});

test("the examples carry this dataset", async () => {
  serve(FLIGHTS);
  await renderApp("/d/flights?tab=use");
  const example = await screen.findByRole("region", { name: "Python example" });
  expect(await screen.findByText(/"options": \{"x": "date", "y": "delay"\}/)).toBe(example);
});

test("deleting happens at once and can be undone", async () => {
  const log = serve({
    ...FLIGHTS,
    "DELETE /api/datasets/flights/": { restorable_until: "2026-01-01T00:10:00Z" },
    "POST /api/datasets/flights/restore/": dataset(),
  });
  const { address } = await renderApp("/d/flights");
  await userEvent.click(await screen.findByRole("button", { name: "Delete Flights" }));
  const undo = await screen.findByRole("button", { name: "Undo" });
  expect(address()).toBe("/datasets");
  expect(screen.getByText("Deleted Flights")).toBeVisible();
  await userEvent.click(undo);
  expect(await screen.findByRole("heading", { name: "Flights" })).toBeVisible();
  expect(log.some(({ path }) => path.endsWith("/restore/"))).toBe(true);
});

test("a dataset that cannot be deleted stays where it is", async () => {
  serve({ ...FLIGHTS, "DELETE /api/datasets/flights/": () => problem(403, "forbidden") });
  const { address } = await renderApp("/d/flights");
  await userEvent.click(await screen.findByRole("button", { name: "Delete Flights" }));
  expect(await screen.findByText("Flights was not deleted")).toBeVisible();
  expect(address()).toBe("/d/flights");
});

test("another person's dataset looks like none at all", async () => {
  serve({ "GET /api/datasets/secret/": () => problem(404, "unknown_dataset") });
  await renderApp("/d/secret");
  expect(await screen.findByRole("alert")).toHaveTextContent("There is no such dataset");
  expect(screen.getByRole("navigation", { name: "Main" })).toBeVisible();
});
