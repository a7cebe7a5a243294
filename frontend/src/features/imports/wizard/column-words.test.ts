import { expect, test } from "vitest";
import { readColumn } from "../../../model/column.ts";
import { findingWords, formatWords, marksOf, marksText, suggestionWords } from "./column-words.ts";

test.each([
  ["epoch_ns", "ns since 1970"],
  ["%d.%m.%Y %H:%M", "DD.MM.YYYY hh:mm"],
  ["%Y-%j", "YYYY-%j"],
  ["km", "km"],
])("the format %s reads %s", (format, words) => {
  expect(formatWords(format)).toBe(words);
});

test("a suggestion names what it does", () => {
  expect(suggestionWords(["time", "epoch_ns"])).toBe("Use as time (ns since 1970)");
  expect(suggestionWords(["category", ""])).toBe("Use as category");
});

test("marks may hold commas and survive being written and read", () => {
  expect(marksOf("-99,9 | none||  ")).toEqual(["-99,9", "none"]);
  expect(marksOf(marksText(["-99,9", "n/a"]))).toEqual(["-99,9", "n/a"]);
});

test("what is found in a column is counted by kind", () => {
  const column = readColumn({ nulls: "1200", infinite: "2", unreadable: "1", outOfRange: "3" });
  expect(findingWords(column)).toBe("1,200 missing · 1 not readable · 2 infinite · 3 out of range");
  expect(findingWords(readColumn({}))).toBe("");
});
