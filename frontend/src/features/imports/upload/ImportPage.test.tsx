import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { problem, renderApp, serve } from "../../../app/testing.tsx";
import { job } from "../jobs/testing.ts";
import { titleOf } from "./ImportForm.tsx";
import { uploadFigures } from "./UploadProgress.tsx";
import { FakeRequest } from "./testing.ts";

beforeEach(() => {
  FakeRequest.last = null;
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
});

async function choose(name: string, content = "a,b\n1,2\n") {
  const input = await screen.findByLabelText("File to import");
  await userEvent.setup({ applyAccept: false }).upload(input, new File([content], name));
}

async function startUpload() {
  await userEvent.click(await screen.findByRole("button", { name: "Start the import" }));
  await waitFor(() => expect(FakeRequest.last?.sent).not.toBeNull());
  return FakeRequest.latest();
}

test("a chosen file is sent, imported, followed, and the address survives a reload", async () => {
  const log = serve({
    "POST /api/imports/": () => Response.json(job({ state: "queued" }), { status: 202 }),
    "GET /api/jobs/j1/": job({ state: "published", rows: 2, dataset: "my-table" }),
  });
  const { address } = await renderApp("/datasets/new");
  await choose("my_table.csv");
  const title = await screen.findByLabelText("Title");
  expect(title).toHaveValue("My table");
  await userEvent.clear(title);
  await userEvent.type(title, "Best table");
  const request = await startUpload();
  act(() => request.progress(6, 8));
  expect(screen.getByRole("progressbar", { name: "Upload progress" })).toHaveAttribute("aria-valuenow", "75");
  await act(async () => request.answer(201, { id: "up1" }));
  expect(await screen.findByRole("link", { name: "Explore" })).toHaveAttribute("href", "/d/my-table/explore");
  expect(log.find(({ path }) => path === "/api/imports/")?.body).toEqual({
    upload: "up1",
    title: "Best table",
  });
  expect(address()).toBe("/datasets/new?job=j1");
});

test("a new version of a dataset needs no title", async () => {
  const log = serve({
    "POST /api/imports/": () => Response.json(job(), { status: 202 }),
    "GET /api/jobs/j1/": job(),
  });
  await renderApp("/datasets/new?dataset=flights");
  expect(await screen.findByRole("heading", { name: "Import a new version" })).toBeVisible();
  await choose("flights.parquet");
  expect(screen.queryByLabelText("Title")).toBeNull();
  const request = await startUpload();
  await act(async () => request.answer(201, { id: "up1" }));
  expect(await screen.findByRole("heading", { name: "Reading the file" })).toBeVisible();
  expect(log.find(({ path }) => path === "/api/imports/")?.body).toEqual({
    upload: "up1",
    dataset: "flights",
  });
});

test("a cancelled upload comes back to the form with the file still chosen", async () => {
  const log = serve({});
  await renderApp("/datasets/new");
  await choose("table.csv");
  await startUpload();
  await userEvent.click(screen.getByRole("button", { name: "Cancel upload" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Cancelled");
  expect(screen.getByText("table.csv")).toBeVisible();
  expect(log.some(({ path }) => path === "/api/imports/")).toBe(false);
});

test.each([
  ["table.xlsx", "x", "This type of file cannot be read"],
  ["table.csv", "", "The file holds no rows"],
])("%s is refused before anything is sent", async (name, content, words) => {
  serve({});
  await renderApp("/datasets/new");
  await choose(name, content);
  expect(await screen.findByRole("alert")).toHaveTextContent(words);
  expect(screen.getByRole("button", { name: "Start the import" })).toBeDisabled();
});

test("an import that the service refuses says why", async () => {
  serve({ "POST /api/imports/": () => problem(403, "quota_exceeded") });
  await renderApp("/datasets/new");
  await choose("table.csv");
  const request = await startUpload();
  await act(async () => request.answer(201, { id: "up1" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Your storage quota is used up");
});

test.each([
  ["flights_2024-jan.csv", "Flights 2024 jan"],
  ["a.b.parquet", "A b"],
  [".csv", ""],
])("%s gets the title %s", (file, title) => {
  expect(titleOf(file)).toBe(title);
});

test("the speed of an upload shows once it says something", () => {
  expect(uploadFigures({ bytes: 1e6, total: 4e6, startedAt: 0, at: 500 })).toBe("1 MB of 4 MB");
  expect(uploadFigures({ bytes: 1e6, total: 4e6, startedAt: 0, at: 4_000 })).toBe(
    "1 MB of 4 MB · 250 kB/s · about 12 s left",
  );
});
