import { describe, expect, it } from "vitest";
import { quantityOf } from "../../../model/finish.ts";
import { pieceOf } from "../../../model/testing.ts";
import type { ColumnInfo } from "../../../net/socket/messages.ts";
import { describe as inWords, read } from "./probe.ts";

const AXES = { x: "number", y: "number" } as const;
const COUNT = quantityOf({});
const MEAN = quantityOf({ reduction: "mean", value: "delay" });
const BY = quantityOf({ category: "origin" });
const ORIGIN: ColumnInfo = {
  name: "origin",
  type: "category",
  min: null,
  max: null,
  categories: [
    { label: "ATL", count: 9 },
    { label: null, count: 3 },
  ],
};

describe("the read-out", () => {
  it("gives the cell under the pointer", () => {
    const piece = pieceOf({
      id: "a",
      planes: [{ role: "count", category: 0, cells: Uint16Array.of(3, 1204) }],
    });
    expect(read([piece], COUNT, 0.99, 0)).toMatchObject({ rows: 3, cell: { x0: 0, x1: 1 } });
    expect(read([pieceOf({ id: "b", planes: [] })], COUNT, 1, 0)).toMatchObject({ rows: 0, value: null });
    // Pieces are half-open.
    expect(read([piece], COUNT, 2, 0)).toBeNull();
    const reading = read([piece], COUNT, 1, 0);
    expect(reading && inWords(reading, COUNT, AXES, null, null)).toMatchObject({
      x: "1 – 2",
      value: "1,204 rows",
    });
  });

  it("reads the topmost piece", () => {
    const below = pieceOf({ id: "a", planes: [{ role: "count", category: 0, cells: Uint8Array.of(1, 1) }] });
    const above = pieceOf({ id: "b", planes: [{ role: "count", category: 0, cells: Uint8Array.of(7, 7) }] });
    expect(read([below, above], COUNT, 0, 0)?.rows).toBe(7);
  });

  it("gives the exact value beside the rows, and none for a cell without", () => {
    const planes = [
      { role: "count", category: 0, cells: Uint8Array.of(4, 1) },
      { role: "valid", category: 0, cells: Uint8Array.of(2, 0) },
      { role: "sum", category: 0, cells: Float64Array.of(0.3, 0) },
    ] as const;
    const piece = pieceOf({ id: "a", planes });
    const full = read([piece], MEAN, 0, 0);
    expect(full).toMatchObject({ rows: 4, value: 0.15 });
    expect(full && inWords(full, MEAN, AXES, null, null).value).toBe("mean delay 0.15 · 4 rows");
    expect(read([piece], MEAN, 1, 0)).toMatchObject({ rows: 1, value: null });
  });

  it("gives a mean of times as a time, but their spread as a number", () => {
    const planes = [
      { role: "count", category: 0, cells: Uint8Array.of(2, 0) },
      { role: "valid", category: 0, cells: Uint8Array.of(2, 0) },
      { role: "sum", category: 0, cells: Float64Array.of(2 * 86_400_000_000, 0) },
      { role: "squares", category: 0, cells: Float64Array.of(50, 0) },
    ] as const;
    const when: ColumnInfo = { ...ORIGIN, name: "when", type: "time", categories: [] };
    const words = (reduction: string) => {
      const quantity = quantityOf({ reduction, value: "when" });
      const reading = read([pieceOf({ id: "a", planes })], quantity, 0, 0);
      return reading && inWords(reading, quantity, AXES, null, when).value;
    };
    expect(words("mean")).toContain("1970-01-02");
    expect(words("std")).toBe("std when 5 · 2 rows");
    expect(words("var")).toBe("var when 25 · 2 rows");
  });

  it("names categories, most rows first", () => {
    const planes = [
      { role: "category", category: 0, cells: Uint8Array.of(2, 0) },
      { role: "category", category: 1, cells: Uint8Array.of(5, 0) },
    ] as const;
    const reading = read([pieceOf({ id: "a", planes })], BY, 0, 0);
    expect(reading && inWords(reading, BY, AXES, ORIGIN, null).value).toBe("7 rows · (missing) 5 · ATL 2");
  });
});
