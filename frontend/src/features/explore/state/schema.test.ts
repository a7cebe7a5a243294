import { describe, expect, it } from "vitest";
import { columnOf } from "../../../model/testing.ts";
import type { ColumnInfo } from "../../../net/socket/messages.ts";
import {
  carriedOver,
  fieldsOf,
  type KindSchema,
  scaleOptions,
  takesCategory,
  vocabularyOf,
} from "./schema.ts";

const column = (name: string, type: ColumnInfo["type"], part: Partial<ColumnInfo> = {}) =>
  columnOf({ name, type, ...part });
const COLUMNS = [
  column("date", "time"),
  column("delay", "number"),
  column("origin", "category"),
  column("note", "text"),
];
const POINTS: KindSchema = {
  title: "Points",
  properties: {
    x: {
      type: ["string", "null"],
      "x-halftone-column": ["number", "time"],
      title: "X",
      description: "Across.",
    },
    reduction: { type: "string", enum: ["count", "sum"], default: "count" },
    category: { type: ["string", "null"], "x-halftone-column": "category" },
    label: {
      type: ["string", "null"],
      "x-halftone-column": "category",
      "x-halftone-labelled": true,
    },
    any: { type: "string", "x-halftone-column": "any" },
    bins: { type: "integer", minimum: 1, maximum: 9 },
    log: { type: "boolean" },
    words: { type: "string" },
  },
};
const choices = (name: string) => {
  const field = fieldsOf(POINTS, COLUMNS).find((candidate) => candidate.name === name);
  const offered = field?.input === "choice" ? field.choices.filter(({ disabled }) => !disabled) : null;
  return offered?.map(({ value }) => value) ?? null;
};

describe("a form", () => {
  it("offers the columns that an option takes", () => {
    expect(choices("x")).toEqual(["date", "delay"]);
    expect(choices("category")).toEqual(["origin"]);
    expect(choices("any")).toEqual(["date", "delay", "origin"]);
    expect(choices("reduction")).toEqual(["count", "sum"]);
  });

  it("shows the other columns with the reason why they cannot be chosen", () => {
    const labels = (name: string, columns: ColumnInfo[], axes: string[] = []) => {
      const field = fieldsOf(POINTS, columns, axes).find((candidate) => candidate.name === name);
      const refused = field?.input === "choice" ? field.choices.filter(({ disabled }) => disabled) : [];
      return refused.map(({ label }) => label);
    };
    expect(labels("x", COLUMNS)).toEqual(["origin (a category)", "note (text is not drawn)"]);
    const long = column("id", "number", { dtype: "int64", min: 0, max: 2 ** 60 });
    expect(labels("x", [long])).toEqual([]);
    expect(labels("x", [long], ["x"])).toEqual(["id (whole numbers above 2⁵³)"]);
    expect(labels("x", [column("gap", "number", { nulls: 3 })])).toEqual(["gap (no value)"]);
    const numbers = [
      column("codes", "number", { dtype: "int64", categories: [{ label: "1", count: 2 }] }),
      column("ids", "number", { dtype: "int32", distinct: 1_200 }),
      column("many", "number", { dtype: "uint32", distinct: 90_000 }),
      column("fare", "number", { dtype: "float64", distinct: 3 }),
    ];
    expect(labels("label", [...numbers, column("date", "time")])).toEqual([
      "ids (1,200 different values)",
      "many (too many different values)",
      "fare (numbers with fractions)",
      "date (a time)",
    ]);
    expect(labels("category", numbers)).toHaveLength(4);
  });

  it("has a field for each option, in order, with label and help", () => {
    const fields = fieldsOf(POINTS, COLUMNS);
    expect(fields.map(({ name, input }) => [name, input])).toEqual([
      ["x", "choice"],
      ["reduction", "choice"],
      ["category", "choice"],
      ["label", "choice"],
      ["any", "choice"],
      ["bins", "number"],
      ["log", "switch"],
      ["words", "text"],
    ]);
    expect(fields[0]).toMatchObject({ label: "X", help: "Across.", empty: true });
    expect(fields[1]).toMatchObject({ label: "reduction", empty: false });
    expect(fields[5]).toMatchObject({ min: 1, max: 9 });
  });

  it("is empty for a kind that is not known", () => {
    expect(fieldsOf(undefined, COLUMNS)).toEqual([]);
  });
});

it("tells the URL which options there are", () => {
  expect(vocabularyOf({ points: POINTS })["points"]).toMatchObject({
    x: "string",
    bins: "number",
    log: "boolean",
  });
});

it("takes options that another kind has too along", () => {
  expect(carriedOver({ x: "date", y: "delay" }, { properties: { x: {} } })).toEqual({ x: "date" });
  const reduction = { enum: ["every", "mean"] };
  expect(carriedOver({ reduction: "count" }, { properties: { reduction } })).toEqual({});
  expect(carriedOver({ reduction: "mean" }, { properties: { reduction } })).toEqual({ reduction: "mean" });
});

it("knows the options that say in which units the axes are", () => {
  const x_scale = { enum: ["linear", "log"], default: "linear", "x-halftone-scale": true };
  const other = { "x-halftone-scale": true };
  expect(scaleOptions({ properties: { x: {}, x_scale, other } })).toEqual({ x_scale: "linear", other: null });
  expect(scaleOptions(undefined)).toEqual({});
});

it("shows words for choices where the schema has them, else their names", () => {
  const reduction = { type: "string", enum: ["any", "new"], "x-halftone-labels": { any: "Any rows" } };
  const [field] = fieldsOf({ properties: { reduction } }, COLUMNS);
  expect(field).toMatchObject({
    choices: [
      { value: "any", label: "Any rows" },
      { value: "new", label: "new" },
    ],
  });
});

it("knows the options that take categories by what they take", () => {
  expect(["category", "any", "x", "bins", "lacking"].map((name) => takesCategory(POINTS, name))).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
