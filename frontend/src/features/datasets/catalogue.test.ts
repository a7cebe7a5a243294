import { expect, test } from "vitest";
import { readColumn } from "../../model/column.ts";
import { cursorOf } from "./catalogue.ts";
import { formatDistinct, formatEnd, formatTopCategories, formatTypical } from "./column-words.ts";
import { axesOf, curlSnippet, grpcSnippet, socketSnippet } from "./snippets.ts";
import { COLUMNS } from "./testing.ts";

const columns = COLUMNS.columns.map(readColumn);
const [date, delay, carrier, note] = columns as [
  (typeof columns)[0],
  (typeof columns)[0],
  (typeof columns)[0],
  (typeof columns)[0],
];

test("a column is read from proto3 JSON, defaults filled in", () => {
  expect(delay).toEqual({
    name: "delay",
    type: "number",
    dtype: "int16",
    nulls: 30_000,
    distinct: 900,
    min: -60.5,
    max: 1_200,
    categories: [],
    unit: "min",
    timeUnit: "us",
    infinite: 0,
    outOfRange: 0,
    unreadable: 2,
    typicalMin: -20,
    leastPositive: null,
    typicalMax: 180,
  });
  expect(note).toMatchObject({ type: "text", nulls: 0, min: null, max: null });
  expect(readColumn({ type: "COLUMN_TYPE_FUTURE" })).toMatchObject({ name: "", type: "text" });
});

test("ends of a range read as what they are", () => {
  expect(formatEnd(date, date.min)).toBe("1970-01-01");
  expect(formatEnd(date, 1_704_070_801_000_000)).toBe("2024-01-01 01:00:01");
  expect(formatEnd(date, 9e18)).toBe("9.0000e+18");
  expect(formatEnd(delay, delay.min)).toBe("-60.5");
  expect(formatEnd(carrier, carrier.min)).toBe("–");
  const far = readColumn({ type: "COLUMN_TYPE_TIME", timeUnit: "TIME_UNIT_MILLISECOND" });
  expect(formatEnd(far, -62_135_596_800_000)).toBe("0001-01-01");
  expect(formatEnd(far, 253_402_300_799_000)).toBe("9999-12-31 23:59:59");
});

test("what is estimated says so", () => {
  const distinct = (count: number, type = "COLUMN_TYPE_NUMBER") =>
    readColumn({ type, distinct: String(count) });
  expect(formatDistinct(distinct(0))).toBe("–");
  expect(formatDistinct(distinct(4_095))).toBe("4,095");
  expect(formatDistinct(distinct(12_387))).toBe("about 12,400");
  expect(formatDistinct(distinct(65_536, "COLUMN_TYPE_CATEGORY"))).toBe("65,536");
});

test("the typical range has the units of its ends", () => {
  const typical = { typicalMin: 0, typicalMax: 86_400_000_000 };
  expect(formatTypical(readColumn({ type: "COLUMN_TYPE_TIME", ...typical }))).toBe(
    "1970-01-01 to 1970-01-02",
  );
  expect(formatTypical(readColumn({ type: "COLUMN_TYPE_NUMBER" }))).toBe("–");
});

test("the most frequent categories come with their counts, missing named", () => {
  expect(formatTopCategories(carrier)).toBe("AA (2,000,000), UA (999,993), missing (7)");
});

test.each([
  [null, undefined],
  ["http://auth.internal/api/datasets/?cursor=cD0y&search=a", "cD0y"],
  ["/api/datasets/", undefined],
])("the cursor in %s is %s", (next, cursor) => {
  expect(cursorOf(next)).toBe(cursor);
});

test("examples draw the first two columns that can be drawn", () => {
  expect(axesOf(columns)).toEqual({ x: "date", y: "delay" });
  expect(axesOf([delay])).toEqual({ x: "delay", y: "delay" });
  expect(axesOf([])).toEqual({ x: "x", y: "y" });
});

test("names with quotes stay strings in the examples", () => {
  const target = { origin: "https://halftone.example", slug: "a-b", x: 'say "x"', y: "y\\" };
  expect(socketSnippet(target)).toContain('"options": {"x": "say \\"x\\"", "y": "y\\\\"}');
  expect(grpcSnippet(target)).toContain('open("a-b.png", "wb")');
  expect(curlSnippet(target)).toContain("BASE=https://halftone.example\n");
});
