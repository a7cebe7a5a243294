import type { Dataset } from "./catalogue.ts";

export function dataset(part: Partial<Dataset> = {}): Dataset {
  return {
    id: "d1",
    slug: "flights",
    title: "Flights",
    description: "Every flight of a year",
    owner: { id: "u-ada", email: "ada@example.org", name: "Ada" },
    role: "owner",
    version: {
      version_id: "v1",
      number: 1,
      rows: 3_000_000,
      bytes: 84_000_000,
      published_at: "2026-01-01T00:00:00Z",
      pair: { x: "date", y: "delay" },
    },
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    ...part,
  };
}

/** As the service sends them: proto3 JSON. */
export const COLUMNS = {
  version: { version_id: "v1", number: 1, rows: 3_000_000 },
  columns: [
    {
      name: "date",
      type: "COLUMN_TYPE_TIME",
      dtype: "timestamp[ms]",
      min: 0,
      max: 1_704_067_200_000_000,
      distinct: "365",
    },
    {
      name: "delay",
      type: "COLUMN_TYPE_NUMBER",
      dtype: "int16",
      nulls: "30000",
      min: -60.5,
      max: 1_200,
      distinct: "900",
      unit: "min",
      unreadable: "2",
      typicalMin: -20,
      typicalMax: 180,
    },
    {
      name: "carrier",
      type: "COLUMN_TYPE_CATEGORY",
      dtype: "string",
      nulls: "7",
      distinct: "2",
      categories: [{ label: "AA", count: "2000000" }, { label: "UA", count: "999993" }, { count: "7" }],
    },
    { name: "note", type: "COLUMN_TYPE_TEXT", dtype: "string" },
  ],
  unreadable: { delay: { count: 2, cells: [{ line: 17, text: "late" }] } },
};
