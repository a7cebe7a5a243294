import { expect, test } from "vitest";
import { columnReading, reading } from "../../model/testing-reading.ts";
import { columnSentence, dialectSentences } from "./reading-words.ts";

const { dialect } = reading();
if (!dialect) throw new Error("a text has a dialect");

test("a dialect reads as sentences", () => {
  expect(dialectSentences(dialect)).toEqual([
    "The text is UTF-8; cells are divided by a semicolon.",
    "Numbers have a decimal comma, and groups of digits with a point.",
    "Quotes around cells are a double quote.",
    "The first line names the columns.",
  ]);
  const odd = {
    ...dialect,
    thousands: "",
    quote: "",
    header: false,
    above: 1,
    units_row: true,
    delimiter: "~",
  };
  expect(dialectSentences(odd)).toEqual([
    "The text is UTF-8; cells are divided by a ~.",
    "Numbers have a decimal comma.",
    "No quotes stand around cells.",
    "There is no header: the first line is a row.",
    "1 line above it left out.",
    "The line below the header holds units.",
  ]);
  expect(dialectSentences({ ...dialect, escape: "\\" })[2]).toContain("backslash");
});

test("a column says what differs from its name and type alone", () => {
  expect(columnSentence(columnReading("a"))).toBe("number");
  expect(columnSentence(columnReading("a", { leave_out: true }))).toBe("left out");
  expect(columnSentence(columnReading("a", { type: "time", format: "%d.%m.%Y", unit: "d" }))).toBe(
    "time, format %d.%m.%Y, unit d",
  );
});

test("a workbook reads as the sheet of it", () => {
  const sheet = { ...dialect, delimiter: "", quote: "", encoding: "", sheet: "May 2026" };
  expect(dialectSentences(sheet)).toEqual([
    "The sheet May 2026 is read.",
    "The first line names the columns.",
  ]);
});
