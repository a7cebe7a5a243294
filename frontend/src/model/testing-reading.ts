/** Readings for tests. */
import type { ColumnReading, Reading } from "./reading.ts";

export function columnReading(source: string, part: Partial<ColumnReading> = {}): ColumnReading {
  return {
    source,
    name: source,
    type: "number",
    format: "",
    unit: "",
    missing: [],
    leave_out: false,
    suggest: null,
    ...part,
  };
}

/** Of a file with semicolons and decimal commas. */
export function reading(part: Partial<Reading> = {}): Reading {
  return {
    format: "csv",
    columns: [
      columnReading("Menge"),
      columnReading("Ort", { type: "category" }),
      columnReading("t", { suggest: ["time", "epoch_ns"] }),
    ],
    dialect: {
      delimiter: ";",
      quote: '"',
      escape: "",
      decimal: ",",
      thousands: ".",
      encoding: "utf-8",
      header: true,
      above: 0,
      units_row: false,
    },
    warnings: [],
    ...part,
  };
}
