import { expect, test } from "vitest";
import { acceptOf, isAccepted, titleOf } from "./formats.ts";
import { FORMATS } from "./testing.ts";

test("the picker offers the endings of every format", () => {
  expect(acceptOf(FORMATS)).toBe(".csv,.gz,.tsv,.parquet,.pq");
  expect(acceptOf([])).toBeUndefined();
});

test.each([
  ["a.csv", true],
  ["A.CSV.GZ", true],
  ["a.gz", false],
  ["csv", false],
  ["a.xlsx", false],
])("%s is accepted: %s", (name, accepted) => {
  expect(isAccepted(FORMATS, name)).toBe(accepted);
  expect(isAccepted([], name)).toBe(true);
});

test.each([
  ["flights_2024-jan.csv", "Flights 2024 jan"],
  ["a.b.parquet", "A b"],
  ["towns.csv.gz", "Towns"],
  ["towns.unknown", "Towns"],
  [".csv", ""],
])("%s gets the title %s", (file, title) => {
  expect(titleOf(file, FORMATS)).toBe(title);
});
