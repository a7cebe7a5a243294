import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { expect, test } from "vitest";
import { problem, renderApp, type RecordedRequest, serve } from "../../../app/testing.tsx";
import { reading } from "../../../model/testing-reading.ts";
import { job } from "../jobs/testing.ts";
import { FORMATS } from "../upload/testing.ts";
import { failed, made, preview } from "../preview/testing.ts";

type Answer = (recorded: RecordedRequest) => object;

/** Opens the wizard on an upload whose previews `answer` makes. */
async function open(answer: Answer, more: Parameters<typeof serve>[0] = {}) {
  const log = serve({
    "GET /api/formats/": FORMATS,
    "GET /api/uploads/up1/": { id: "up1", name: "towns.csv", bytes: 80 },
    "POST /api/uploads/up1/preview/": (recorded) => {
      const given = answer(recorded);
      return given instanceof Response ? given : Response.json(given, { status: 202 });
    },
    ...more,
  });
  await renderApp("/datasets/new?upload=up1");
  const previews = () => log.filter(({ method, path }) => method === "POST" && path.endsWith("/preview/"));
  return { log, previews };
}

const columnOf = (source: string) => within(screen.getByRole("listitem", { name: source }));
const importButton = () => screen.getByRole("button", { name: "Import" });

test("shows how the file is read: dialect, columns, rows, what is odd, a picture", async () => {
  await open(() => made(preview()));
  expect(await screen.findByText("CSV, 3 rows, 3 columns.")).toHaveAttribute("role", "status");
  expect(screen.getByLabelText("Cells are divided by")).toHaveValue(";");
  expect(screen.getByLabelText("Decimal mark")).toHaveValue(",");
  expect(screen.getByLabelText("The first line names the columns")).toBeChecked();
  expect(screen.getByText("1 line above the header is left out.")).toBeVisible();
  expect(screen.getByRole("list", { name: "Cells of Menge that cannot be read" })).toHaveTextContent(
    "line 4: viel",
  );
  expect(columnOf("Menge").getByText("2 missing · 1 not readable")).toBeVisible();
  expect(columnOf("Ort").getByLabelText("Type")).toHaveValue("category");
  expect(screen.getByRole("row", { name: "missing Basel 2" })).toBeVisible();
  expect(screen.getByRole("columnheader", { name: "Menge (kg)" })).toBeVisible();
  expect(
    screen.getByRole("img", { name: "Picture of Menge over t, Approximate, from all 3 rows" }),
  ).toBeVisible();
});

test("a change reads the file again, keeps what is on the screen, and goes into the import", async () => {
  let release = () => {};
  const { log, previews } = await open(
    () =>
      previews().length === 1 ? made(preview()) : { id: "pv1", state: "running", result: null, error: null },
    {
      "GET /api/uploads/up1/preview/pv1/": () =>
        new Promise<Response>((resolve) => {
          release = () => resolve(Response.json(made(preview({ reading: reading({ format: "tsv" }) }))));
        }),
      "POST /api/imports/": () => Response.json(job(), { status: 202 }),
      "GET /api/jobs/j1/": job(),
    },
  );
  await screen.findByText("CSV, 3 rows, 3 columns.");
  await userEvent.selectOptions(screen.getByLabelText("Decimal mark"), ".");
  await userEvent.selectOptions(columnOf("Ort").getByLabelText("Type"), "number");
  await userEvent.type(columnOf("Ort").getByLabelText("Unit"), "m");
  expect(await screen.findByText("Reading the file again with your changes.")).toBeVisible();
  expect(columnOf("Menge").getByText("2 missing · 1 not readable")).toBeVisible();
  await waitFor(() => expect(previews()).toHaveLength(2));
  const changes = {
    dialect: { decimal: "." },
    columns: { Ort: { type: "number", format: "", unit: "m" } },
  };
  expect(previews()[1]?.body).toEqual({ reading: changes });
  await waitFor(() => expect(log.some(({ path }) => path.endsWith("/pv1/"))).toBe(true));
  release();
  expect(await screen.findByText("TSV, 3 rows, 3 columns.")).toBeVisible();
  expect(columnOf("Ort").getByLabelText("Unit")).toHaveValue("m");
  await userEvent.click(importButton());
  expect(await screen.findByRole("heading", { name: "Reading the file" })).toBeVisible();
  expect(log.find(({ path }) => path === "/api/imports/")?.body).toEqual({
    upload: "up1",
    title: "Towns",
    reading: changes,
  });
});

test("a suggestion is taken by one press, and everything can be taken back", async () => {
  const { previews } = await open(() => made(preview()));
  const suggestion = await screen.findByRole("button", { name: "Use as time (ns since 1970): t" });
  await userEvent.click(suggestion);
  expect(columnOf("t").getByLabelText("Type")).toHaveValue("time");
  expect(columnOf("t").getByLabelText("Format")).toHaveValue("epoch_ns");
  expect(columnOf("t").queryByRole("button")).toBeNull();
  await waitFor(() => expect(previews()).toHaveLength(2));
  await userEvent.click(screen.getByRole("button", { name: "Take back all changes" }));
  expect(columnOf("t").getByLabelText("Type")).toHaveValue("number");
  expect(screen.queryByRole("button", { name: "Take back all changes" })).toBeNull();
});

test("what the service refuses is said at its field, and nothing is lost", async () => {
  const { previews } = await open(() => {
    if (previews().length === 1) return made(preview());
    const patch = previews().at(-1)?.body as { reading: { columns: Record<string, unknown> } };
    return "Ort" in patch.reading.columns
      ? failed("param_invalid", "No cell is such a time.", "reading.columns.Ort.format")
      : problem(400, "param_invalid", {}, "x");
  });
  await screen.findByText("CSV, 3 rows, 3 columns.");
  await userEvent.selectOptions(columnOf("Ort").getByLabelText("Type"), "time");
  await userEvent.type(columnOf("Ort").getByLabelText("Format"), "%q");
  await waitFor(() => expect(columnOf("Ort").getByLabelText("Format")).toBeInvalid());
  expect(columnOf("Ort").getByText("No cell is such a time.")).toBeVisible();
  expect(columnOf("Ort").getByLabelText("Format")).toHaveValue("%q");
  expect(screen.getByText(/It cannot be read with these changes/)).toBeVisible();
  expect(importButton()).toBeDisabled();
});

test("names are checked before anything is sent", async () => {
  const { previews } = await open(() => made(preview()));
  await screen.findByText("CSV, 3 rows, 3 columns.");
  const name = columnOf("Ort").getByLabelText("Name");
  await userEvent.clear(name);
  expect(columnOf("Ort").getByText("Enter a name.")).toBeVisible();
  expect(importButton()).toBeDisabled();
  await userEvent.type(name, "t");
  expect(columnOf("t").getByText("Another column has this name.")).toBeVisible();
  await userEvent.click(columnOf("t").getByLabelText("Leave out"));
  expect(screen.queryByText("Another column has this name.")).toBeNull();
  await waitFor(() => expect(previews()).toHaveLength(2));
  expect(previews()[1]?.body).toEqual({
    reading: { dialect: {}, columns: { Ort: { name: "t" }, t: { leave_out: true } } },
  });
});

test("marks that mean missing are typed with bars between them", async () => {
  const { previews } = await open(() => made(preview()));
  await screen.findByText("CSV, 3 rows, 3 columns.");
  const marks = columnOf("Menge").getByLabelText("Also missing");
  await userEvent.type(marks, "-99,9 | none");
  expect(marks).toHaveValue("-99,9 | none");
  await waitFor(() =>
    expect(previews().at(-1)?.body).toMatchObject({
      reading: { columns: { Menge: { missing: ["-99,9", "none"] } } },
    }),
  );
});

test("a file that cannot be read says why", async () => {
  await open(() => failed("corrupt_parquet", "No footer."));
  expect(await screen.findByRole("alert")).toHaveTextContent("The Parquet file is damaged");
  expect(screen.getByText("The file could not be read.")).toBeVisible();
  expect(importButton()).toBeDisabled();
});

test("nothing to draw is said before the import, which stays possible", async () => {
  const words = "No column is a number or a time.";
  await open(() => made(preview({ picture: null, nothing_to_draw: words })));
  expect(await screen.findByRole("alert")).toHaveTextContent(words);
  expect(importButton()).toBeEnabled();
});

test("formats that say it themselves have no dialect", async () => {
  await open(() =>
    made(
      preview({
        reading: reading({ format: "parquet", dialect: null }),
        whole: false,
        rows_total: null,
        sampled_rows: 10_000,
      }),
    ),
  );
  expect(await screen.findByText("Parquet, 3 columns. Judged by the first 10,000 rows.")).toBeVisible();
  expect(screen.queryByLabelText("Decimal mark")).toBeNull();
});

test("many columns are shown in parts and can be found", async () => {
  const columns = Array.from({ length: 120 }, (_, place) => ({
    ...reading().columns[1],
    source: `c${place}`,
    name: `c${place}`,
    type: "number",
    format: "",
    unit: "",
    missing: [],
    leave_out: false,
    suggest: null,
  }));
  await open(() => made(preview({ reading: { ...reading(), columns: columns as never } })));
  const list = await screen.findByRole("list", { name: "Columns of the file" });
  expect(within(list).getAllByRole("listitem")).toHaveLength(50);
  await userEvent.click(screen.getByRole("button", { name: "Show 50 more" }));
  expect(within(list).getAllByRole("listitem")).toHaveLength(100);
  await userEvent.type(screen.getByLabelText("Find a column"), "c119");
  expect(within(list).getAllByRole("listitem")).toHaveLength(1);
});

test("the page has no axe violations", async () => {
  await open(() => made(preview({ nothing_to_draw: "No column is a number." })));
  await screen.findByText("CSV, 3 rows, 3 columns.");
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
});

test("of a workbook the sheet is chosen, and no marks", async () => {
  const { dialect } = reading();
  if (!dialect) throw new Error("a text has a dialect");
  const ofSheet = { ...dialect, delimiter: "", quote: "", sheet: "May" };
  const { previews } = await open(() =>
    made(preview({ reading: reading({ format: "excel", dialect: ofSheet, sheets: ["May", "June"] }) })),
  );
  expect(await screen.findByLabelText("Sheet")).toHaveValue("May");
  expect(screen.queryByLabelText("Cells are divided by")).toBeNull();
  await userEvent.selectOptions(screen.getByLabelText("Sheet"), "June");
  await waitFor(() =>
    expect(previews()[1]?.body).toEqual({ reading: { dialect: { sheet: "June" }, columns: {} } }),
  );
});

const TABLE = {
  columns: [
    { name: "Menge", type: "COLUMN_TYPE_NUMBER", dtype: "double", min: 0, max: 2 },
    { name: "Ort", type: "COLUMN_TYPE_CATEGORY", dtype: "string" },
    { name: "t", type: "COLUMN_TYPE_NUMBER", dtype: "int64", min: 1, max: 3 },
    { name: "id", type: "COLUMN_TYPE_NUMBER", dtype: "int64", min: 0, max: 2 ** 60 },
  ],
  rows_total: 70_000,
  whole: false,
};

test("rows are ordered by the axes of the first picture, or by others", async () => {
  const { log } = await open(() => made(preview(TABLE)), {
    "POST /api/imports/": () => Response.json(job(), { status: 202 }),
    "GET /api/jobs/j1/": job(),
  });
  const x = await screen.findByLabelText("X axis");
  expect(x).toHaveValue("t");
  expect(screen.getByLabelText("Y axis")).toHaveValue("Menge");
  expect(
    within(x)
      .getAllByRole("option")
      .map((option) => option.textContent),
  ).toEqual(["Menge", "t"]);
  await userEvent.selectOptions(x, "Menge");
  expect(screen.getByText("Choose two different columns.")).toBeVisible();
  expect(importButton()).toBeDisabled();
  await userEvent.selectOptions(screen.getByLabelText("Y axis"), "t");
  await userEvent.click(importButton());
  await waitFor(() => expect(log.some(({ path }) => path === "/api/imports/")).toBe(true));
  expect(log.find(({ path }) => path === "/api/imports/")?.body).toMatchObject({
    pair: { x: "Menge", y: "t" },
  });
});

test("an order that is not chosen is left to the service, and few rows have none", async () => {
  const { log } = await open(() => made(preview({ ...TABLE, rows_total: 65_536 })), {
    "POST /api/imports/": () => Response.json(job(), { status: 202 }),
    "GET /api/jobs/j1/": job(),
  });
  await screen.findByRole("heading", { name: "First picture" });
  expect(screen.queryByLabelText("X axis")).toBeNull();
  await userEvent.click(importButton());
  await waitFor(() => expect(log.some(({ path }) => path === "/api/imports/")).toBe(true));
  expect(log.find(({ path }) => path === "/api/imports/")?.body).not.toHaveProperty("pair");
});
