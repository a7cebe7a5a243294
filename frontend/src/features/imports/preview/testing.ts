/** Previews for tests. */
import { reading } from "../../../model/testing-reading.ts";
import type { Preview } from "./preview.ts";

type WirePreview = Omit<Preview, "columns"> & { columns: object[] };

/** As the service sends it, of a file with semicolons and decimal commas, with what a test says otherwise. */
export function preview(part: Partial<WirePreview> = {}): WirePreview {
  return {
    reading: reading({
      warnings: [{ code: "lines_above", text: "1 line above the header is left out.", column: "" }],
    }),
    columns: [
      { name: "Menge", type: "COLUMN_TYPE_NUMBER", dtype: "double", unit: "kg", unreadable: "1", nulls: "2" },
      { name: "Ort", type: "COLUMN_TYPE_CATEGORY", dtype: "string" },
      { name: "t", type: "COLUMN_TYPE_NUMBER", dtype: "int64" },
    ],
    unreadable: { Menge: { count: 1, cells: [{ line: 4, text: "viel" }] } },
    rows: [
      ["1.5", "Bern", "1"],
      [null, "Basel", "2"],
    ],
    sampled_rows: 3,
    rows_total: 3,
    whole: true,
    picture: {
      x: "t",
      y: "Menge",
      x_min: 1,
      x_max: 3,
      y_min: 0,
      y_max: 2,
      width: 2,
      height: 2,
      counts: [0, 1, 3, 0],
    },
    nothing_to_draw: "",
    ...part,
  };
}

/** A preview that is made, or that failed. */
export const made = (result: object) => ({ id: "pv1", state: "ready", result, error: null });
export const failed = (code: string, detail: string, field = "") => ({
  id: "pv1",
  state: "failed",
  result: null,
  error: { code, detail, field },
});
