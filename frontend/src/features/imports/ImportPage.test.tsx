import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { problem, type RecordedRequest, renderApp, serve } from "../../app/testing.tsx";
import { job } from "./jobs/testing.ts";
import { made, preview } from "./preview/testing.ts";
import { uploadFigures } from "./upload/UploadProgress.tsx";
import { FakeRequest, FORMATS } from "./upload/testing.ts";

beforeEach(() => {
  FakeRequest.reset();
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
});

const SERVICE = {
  "GET /api/formats/": FORMATS,
  "POST /api/uploads/up1/preview/": made(preview()),
  "GET /api/datasets/flights/": { version: { number: 1 } },
};

async function choose(...files: [name: string, content: string][]) {
  const input = await screen.findByLabelText("File to import");
  await waitFor(() => expect(input).toHaveAttribute("accept"));
  const chosen = files.map(([name, content]) => new File([content], name, { lastModified: 7 }));
  await userEvent.setup({ applyAccept: false }).upload(input, chosen);
}

/** The upload of a chosen file, once its first byte is on its way. */
async function sending() {
  await waitFor(() => expect(FakeRequest.of("PATCH")).toHaveLength(1));
  return FakeRequest.part();
}

const sent = (name: string) => ({ id: "up1", name, bytes: 8 });

test("a file is sent at once, shown as it is read, imported, followed, and the address survives a reload", async () => {
  const log = serve({
    ...SERVICE,
    "GET /api/uploads/up1/": sent("my_table.csv"),
    "POST /api/imports/": () => Response.json(job({ state: "queued" }), { status: 202 }),
    "GET /api/jobs/j1/": job({ state: "published", rows: 2, dataset: "my-table" }),
  });
  const { address } = await renderApp("/datasets/new");
  await choose(["my_table.csv", "a,b\n1,2\n"]);
  const request = await sending();
  act(() => request.progress(6));
  expect(screen.getByRole("progressbar", { name: "Upload progress" })).toHaveAttribute("aria-valuenow", "75");
  await act(async () => request.taken());
  expect(await screen.findByRole("heading", { name: "my_table.csv" })).toHaveFocus();
  expect(address()).toBe("/datasets/new?upload=up1");
  const title = screen.getByLabelText("Title");
  expect(title).toHaveValue("My table");
  await userEvent.clear(title);
  await userEvent.type(title, "Best table");
  await userEvent.click(await screen.findByRole("button", { name: "Import" }));
  expect(await screen.findByRole("link", { name: "Explore" })).toHaveAttribute("href", "/d/my-table/explore");
  const imports = log.find(({ path }) => path === "/api/imports/");
  expect(imports?.body).toEqual({ upload: "up1", title: "Best table" });
  expect(log.find(({ path }) => path.endsWith("/preview/"))?.body).toEqual({});
  expect(address()).toBe("/datasets/new?job=j1");
});

test("a new version of a dataset starts as its newest was read, and needs no title", async () => {
  const log = serve({
    ...SERVICE,
    "GET /api/uploads/up1/": sent("flights.parquet"),
    "POST /api/imports/": () => Response.json(job(), { status: 202 }),
    "GET /api/jobs/j1/": job(),
  });
  await renderApp("/datasets/new?dataset=flights");
  expect(await screen.findByRole("heading", { name: "Import a new version" })).toBeVisible();
  await choose(["flights.parquet", "PAR1"]);
  const request = await sending();
  await act(async () => request.taken());
  expect(await screen.findByText(/read as the newest version of flights was/)).toBeVisible();
  expect(screen.queryByLabelText("Title")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Import" }));
  expect(await screen.findByRole("heading", { name: "Reading the file" })).toBeVisible();
  expect(log.find(({ path }) => path.endsWith("/preview/"))?.body).toEqual({ dataset: "flights" });
  const imports = log.find(({ path }) => path === "/api/imports/");
  expect(imports?.body).toEqual({ upload: "up1", dataset: "flights" });
});

test("several files are one upload, which another tab continues, and which is cancelled as a whole", async () => {
  const parts = ["b.csv", "a.csv"].toSorted().map((name) => ({ id: name, name, bytes: 8, received: 0 }));
  const set = { id: "up1", name: "table", bytes: 16, parts };
  const files: [string, string][] = [
    ["b.csv", "a,b\n1,2\n"],
    ["a.csv", "a,b\n3,4\n"],
  ];
  const log = serve({
    ...SERVICE,
    "POST /api/uploads/sets/": () => Response.json(set, { status: 201 }),
    "GET /api/uploads/up1/": () => Response.json(set),
  });
  const { router, address } = await renderApp("/datasets/new");
  await choose(...files);
  const first = await sending();
  expect(first.url).toBe("/api/uploads/a.csv/");
  expect(log.find(({ path }) => path === "/api/uploads/sets/")?.body).toEqual({
    files: [
      { name: "b.csv", bytes: 8 },
      { name: "a.csv", bytes: 8 },
    ],
  });
  act(() => first.progress(6));
  expect(screen.getByText("b.csv and 1 more")).toBeVisible();
  expect(screen.getByRole("progressbar", { name: "Upload progress" })).toHaveAttribute(
    "aria-valuenow",
    "37.5",
  );
  expect(screen.getByRole("progressbar", { name: "Upload of a.csv" })).toHaveAttribute("aria-valuenow", "75");
  await userEvent.click(screen.getByRole("button", { name: "Pause" }));
  expect(first.aborted).toBe(true);
  await act(() => router.navigate("/jobs"));
  await act(() => router.navigate("/datasets/new"));
  expect(await screen.findByText(/table, 2 files \(16 B\) is not sent whole: choose it again/)).toBeVisible();
  // The service has the first file by now.
  parts[0] = { id: "a.csv", name: "a.csv", bytes: 8, received: 8 };
  await choose(...files.toReversed());
  await waitFor(() => expect(FakeRequest.of("PATCH")).toHaveLength(2));
  expect(FakeRequest.part().url).toBe("/api/uploads/b.csv/");
  expect(log.filter(({ path }) => path === "/api/uploads/sets/")).toHaveLength(1);
  await userEvent.click(screen.getByRole("button", { name: "Cancel upload" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Cancelled");
  await waitFor(() => expect(FakeRequest.of("DELETE").map(({ url }) => url)).toEqual(["/api/uploads/up1/"]));
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(FakeRequest.of("PATCH")).toHaveLength(3));
  await act(async () => FakeRequest.part().taken());
  expect(await screen.findByRole("heading", { name: "table" })).toBeVisible();
  expect(address()).toBe("/datasets/new?upload=up1");
});

test("an upload is paused and resumed", async () => {
  serve({ ...SERVICE, "GET /api/uploads/up1/": sent("table.csv") });
  await renderApp("/datasets/new");
  await choose(["table.csv", "a,b\n1,2\n"]);
  await sending();
  await userEvent.click(screen.getByRole("button", { name: "Pause" }));
  expect(screen.getByRole("heading", { name: "Upload paused" })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Resume" }));
  await waitFor(() => expect(FakeRequest.of("PATCH")).toHaveLength(2));
  await act(async () => FakeRequest.part().taken());
  expect(await screen.findByRole("heading", { name: "table.csv" })).toBeVisible();
});

test("a file that is not sent whole is named", async () => {
  serve(SERVICE);
  const { router } = await renderApp("/datasets/new");
  await choose(["table.csv", "a,b\n1,2\n"]);
  await sending();
  await act(() => router.navigate("/jobs"));
  await act(() => router.navigate("/datasets/new"));
  expect(await screen.findByText(/table.csv \(8 B\) is not sent whole: choose it again/)).toBeVisible();
});

test("a cancelled upload comes back with the file still chosen", async () => {
  const log = serve(SERVICE);
  await renderApp("/datasets/new");
  await choose(["table.csv", "a"]);
  await sending();
  await userEvent.click(screen.getByRole("button", { name: "Cancel upload" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Cancelled");
  expect(screen.getByText("table.csv")).toBeVisible();
  expect(log.some(({ path }) => path.endsWith("/preview/"))).toBe(false);
});

test.each([
  ["table.exe", "x", "This type of file cannot be read"],
  ["table.csv", "", "The file holds no rows"],
])("%s is refused before anything is sent", async (name, content, words) => {
  serve(SERVICE);
  await renderApp("/datasets/new");
  await choose([name, content]);
  expect(await screen.findByRole("alert")).toHaveTextContent(words);
  expect(FakeRequest.all).toEqual([]);
});

test("an upload that is gone says so, and leads back to the files", async () => {
  serve(SERVICE);
  const { address } = await renderApp("/datasets/new?upload=up1&dataset=flights");
  expect(await screen.findByRole("alert")).toHaveTextContent("There is nothing here");
  await userEvent.click(screen.getByRole("button", { name: "Choose a file" }));
  expect(address()).toBe("/datasets/new?dataset=flights");
  expect(await screen.findByLabelText("File to import")).toBeInTheDocument();
});

test("an import that the service refuses says why, and keeps everything", async () => {
  serve({
    ...SERVICE,
    "GET /api/uploads/up1/": sent("table.csv"),
    "POST /api/imports/": () => problem(403, "quota_exceeded"),
  });
  await renderApp("/datasets/new?upload=up1");
  const button = await screen.findByRole("button", { name: "Import" });
  await waitFor(() => expect(button).toBeEnabled());
  await userEvent.click(button);
  expect(await screen.findByRole("alert")).toHaveTextContent("Your storage quota is used up");
  expect(screen.getByLabelText("Title")).toHaveValue("Table");
});

test("the speed of an upload shows once it says something", () => {
  expect(uploadFigures({ bytes: 1e6, total: 4e6, before: 0, startedAt: 0, at: 500 })).toBe("1 MB of 4 MB");
  expect(uploadFigures({ bytes: 2e6, total: 5e6, before: 1e6, startedAt: 0, at: 4_000 })).toBe(
    "2 MB of 5 MB · 250 kB/s · about 12 s left",
  );
});

test("a folder of a source is looked through, and imported as one dataset", async () => {
  const listings: Record<string, object> = {
    "": { path: "", entries: [{ name: "2024", bytes: null }], more: false },
    "2024": {
      path: "2024",
      entries: [
        { name: "a.csv", bytes: 12 },
        { name: "b.csv", bytes: 12 },
      ],
      more: true,
    },
  };
  const log = serve({
    ...SERVICE,
    "GET /api/sources/": [
      { name: "trips", kind: "folder" },
      { name: "old", kind: "objects" },
    ],
    "GET /api/sources/trips/": ({ search }: RecordedRequest) =>
      Response.json(listings[search.get("path") ?? ""]),
    "POST /api/sources/trips/": () => Response.json(sent("2024"), { status: 201 }),
    "GET /api/uploads/up1/": sent("2024"),
  });
  const { address } = await renderApp("/datasets/new");
  expect(await screen.findByRole("radio", { name: "Object storage: old" })).toBeInTheDocument();
  await userEvent.click(screen.getByRole("radio", { name: "Folder: trips" }));
  await userEvent.click(await screen.findByRole("button", { name: "2024" }));
  expect(await screen.findByText("a.csv")).toBeVisible();
  expect(screen.getByText("There is more, which is not listed.")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Import this folder as one dataset" }));
  expect(await screen.findByRole("heading", { name: "2024" })).toBeVisible();
  expect(address()).toBe("/datasets/new?upload=up1");
  expect(log.find(({ method, path }) => method === "POST" && path === "/api/sources/trips/")?.body).toEqual({
    path: "2024",
  });
});

test("a file of a source that does not fit is named, and another can be chosen", async () => {
  serve({
    ...SERVICE,
    "GET /api/sources/": [{ name: "trips", kind: "folder" }],
    "GET /api/sources/trips/": { path: "", entries: [{ name: "a.exe", bytes: 12 }], more: false },
    "POST /api/sources/trips/": () =>
      problem(415, "type_mismatch", {}, "a.exe: The name ends in none of .csv."),
  });
  await renderApp("/datasets/new");
  await userEvent.click(await screen.findByRole("radio", { name: "Folder: trips" }));
  await userEvent.click(await screen.findByRole("button", { name: /a.exe/ }));
  expect(await screen.findByRole("alert")).toHaveTextContent("a.exe");
});

test("sources that come to be known late leave the upload as it is", async () => {
  let answer: ((response: Response) => void) | undefined;
  const known = new Promise<Response>((resolve) => {
    answer = resolve;
  });
  serve({ ...SERVICE, "GET /api/sources/": () => known });
  await renderApp("/datasets/new");
  await choose(["my_table.csv", "a,b\n1,2\n"]);
  const request = await sending();
  act(() => request.progress(6));
  await act(async () => {
    answer?.(Response.json([{ name: "trips", kind: "folder" }]));
    await known;
  });
  expect(await screen.findByRole("radiogroup", { name: "Where the file comes from" })).toBeVisible();
  expect(screen.getByRole("progressbar", { name: "Upload progress" })).toHaveAttribute("aria-valuenow", "75");
});
