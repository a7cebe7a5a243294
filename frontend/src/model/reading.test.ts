import { expect, test } from "vitest";
import {
  changeColumn,
  changeDialect,
  type ColumnReading,
  isUnchanged,
  nameFaults,
  NO_CHANGES,
  withChanges,
} from "./reading.ts";
import { columnReading, reading } from "./testing-reading.ts";

test("changes lie over what was judged, and only what differs is kept", () => {
  const changes = changeColumn(
    changeColumn(changeDialect(NO_CHANGES, { decimal: "," }), "Ort", { type: "number" }),
    "Ort",
    { unit: "m" },
  );
  expect(changes).toEqual({ dialect: { decimal: "," }, columns: { Ort: { type: "number", unit: "m" } } });
  const judged = reading();
  const shown = withChanges(judged, changes);
  expect(shown.dialect).toEqual({ ...judged.dialect, decimal: "," });
  expect(shown.columns.find(({ source }) => source === "Ort")).toMatchObject({ type: "number", unit: "m" });
  expect(shown.columns.find(({ source }) => source === "Menge")).toEqual(judged.columns[0]);
});

test("a format without a dialect keeps none", () => {
  expect(
    withChanges(reading({ dialect: null }), changeDialect(NO_CHANGES, { decimal: "," })).dialect,
  ).toBeNull();
});

test("a column that is named like a member of every object is a column", () => {
  const changed = changeColumn(NO_CHANGES, "constructor", { name: "c" });
  const judged = reading({ columns: [columnReading("constructor"), columnReading("toString")] });
  expect(withChanges(judged, changed).columns.map(({ name }) => name)).toEqual(["c", "toString"]);
});

test("no change is no change", () => {
  expect(isUnchanged(NO_CHANGES)).toBe(true);
  expect(isUnchanged(changeDialect(NO_CHANGES, { header: false }))).toBe(false);
  expect(isUnchanged(changeColumn(NO_CHANGES, "a", {}))).toBe(false);
});

test.each<[string, Partial<ColumnReading>[], Record<string, string>]>([
  ["good names", [{ name: "a" }, { name: "b" }], {}],
  ["an empty name", [{ name: " " }, { name: "b" }], { c0: "Enter a name." }],
  [
    "a name twice",
    [{ name: "a" }, { name: "a " }],
    { c0: "Another column has this name.", c1: "Another column has this name." },
  ],
  ["a name twice, one left out", [{ name: "a" }, { name: "a", leave_out: true }], {}],
  ["a long name", [{ name: "é".repeat(129) }], { c0: "A name has at most 256 bytes." }],
])("%s", (_what, parts, faults) => {
  const columns = parts.map((part, place) => ({ ...columnReading(`c${place}`), ...part }));
  expect(nameFaults(columns)).toEqual(faults);
});
