import { expect, it } from "vitest";
import { columnOf } from "../../../model/testing.ts";
import { complete } from "./completion.ts";
import type { KindSchema } from "./schema.ts";

const SCHEMA: KindSchema = {
  properties: {
    x: { type: ["string", "null"], "x-halftone-column": ["number", "time"], title: "X" },
    reduction: { type: "string", enum: ["count", "mean"], default: "count", title: "Reduction" },
    value: { type: ["string", "null"], "x-halftone-column": "number", title: "Value" },
    category: { type: ["string", "null"], "x-halftone-column": "category", title: "Category" },
  },
};
const COLUMNS = [
  columnOf({ name: "delay", type: "number" }),
  columnOf({ name: "origin", type: "category" }),
  columnOf({ name: "distance", type: "number" }),
];
const refusal = { detail: "So it is.", axisColumns: ["delay"] };

it("picks a column for a reduction that needs one, not that of an axis", () => {
  const options = { x: "delay", reduction: "mean" };
  const wish = { ...refusal, field: "value", changed: "reduction", options };
  expect(complete(SCHEMA, COLUMNS, wish)).toEqual({
    options: { ...options, value: "distance" },
    note: "Value is distance: Reduction needs a column. Choose another one at will.",
  });
  expect(complete(SCHEMA, COLUMNS.slice(0, 2), wish)?.options).toEqual({ ...options, value: "delay" });
  expect(complete(SCHEMA, COLUMNS.slice(1, 2), wish)).toBeNull();
});

it("takes back what does not go with the last choice", () => {
  const options = { reduction: "mean", value: "distance", category: "origin" };
  const chosen = (changed: string) =>
    complete(SCHEMA, COLUMNS, { ...refusal, field: "reduction", changed, options });
  expect(chosen("category")).toEqual({
    options: { value: "distance", category: "origin" },
    note: "Reduction was taken back. So it is.",
  });
  expect(chosen("reduction")?.options).toEqual({ reduction: "mean", value: "distance" });
});

it("leaves a refusal of the choice itself to the person", () => {
  const wish = { ...refusal, changed: "x", options: { x: "origin" } };
  expect(complete(SCHEMA, COLUMNS, { ...wish, field: "x" })).toBeNull();
  expect(complete(SCHEMA, COLUMNS, { ...wish, field: "viewport" })).toBeNull();
  expect(complete(undefined, COLUMNS, { ...wish, field: "x" })).toBeNull();
  const cleared = { ...refusal, field: "value", changed: "value", options: { reduction: "mean" } };
  expect(complete(SCHEMA, COLUMNS, cleared)).toBeNull();
});
