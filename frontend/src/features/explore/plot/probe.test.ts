import { describe, expect, it } from "vitest";
import type { Quantity } from "../../../model/quantity.ts";
import { axesOf, byCategory, columnOf, pieceOf, ROWS, valueQuantity } from "../../../model/testing.ts";
import { describe as inWords, read } from "./probe.ts";

const AXES = axesOf();
const MEAN = valueQuantity("Mean of delay", "ratio", ["sum"], { withinValue: true });
const BY = byCategory("origin");
const ORIGIN = columnOf({
  name: "origin",
  type: "category",
  categories: [
    { label: "ATL", count: 9 },
    { label: null, count: 3 },
  ],
});

describe("the read-out", () => {
  it("gives the cell under the pointer", () => {
    const piece = pieceOf({
      id: "a",
      planes: [{ role: "count", category: 0, cells: Uint16Array.of(3, 1204) }],
    });
    expect(read([piece], ROWS, 0.99, 0)).toMatchObject({ rows: 3, cell: { x0: 0, x1: 1 } });
    expect(read([pieceOf({ id: "b", planes: [] })], ROWS, 1, 0)).toMatchObject({ rows: 0, value: null });
    // Pieces are half-open.
    expect(read([piece], ROWS, 2, 0)).toBeNull();
    const reading = read([piece], ROWS, 1, 0);
    expect(reading && inWords(reading, ROWS, AXES, null, null)).toMatchObject({
      x: "1 – 2",
      value: "1,204 rows",
    });
  });

  it("names a step by its label", () => {
    const piece = pieceOf({ id: "a", planes: [{ role: "count", category: 0, cells: Uint8Array.of(3, 4) }] });
    const carrier = { ...AXES.x, transform: "steps", steps: ["AA", null] } as const;
    const reading = read([piece], ROWS, 1.5, 0);
    expect(reading && inWords(reading, ROWS, { x: carrier, y: null }, null, null).x).toBe("(missing)");
  });

  it("is that of a lone cell over its mark", () => {
    const cells = new Uint8Array(18);
    cells[8] = 4;
    const piece = pieceOf({ id: "a", width: 6, height: 3, planes: [{ role: "count", category: 0, cells }] });
    const rows = (x: number) => read([piece], ROWS, x, 0.5, { x: 1, y: 0.1 })?.rows;
    // Cells of a third; a mark of three of them.
    expect([0.1, 0.4, 0.7, 1.1, 1.4].map(rows)).toEqual([0, 4, 4, 4, 0]);
    expect(read([piece], ROWS, 1.1, 0.5, { x: 1, y: 0.1 })?.cell).toMatchObject({ x0: 2 / 3, x1: 1 });
  });

  it("reads the topmost piece", () => {
    const below = pieceOf({ id: "a", planes: [{ role: "count", category: 0, cells: Uint8Array.of(1, 1) }] });
    const above = pieceOf({ id: "b", planes: [{ role: "count", category: 0, cells: Uint8Array.of(7, 7) }] });
    expect(read([below, above], ROWS, 0, 0)?.rows).toBe(7);
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
    expect(full && inWords(full, MEAN, AXES, null, null).value).toBe("Mean of delay 0.15 · 4 rows");
    const squares = { role: "squares", category: 0, cells: Float64Array.of(0.02, 0) } as const;
    const errors = { ...MEAN, interval: "mean95" } as const;
    const about = read([pieceOf({ id: "b", planes: [...planes, squares] })], errors, 0, 0);
    expect(about && inWords(about, errors, AXES, null, null).value).toBe(
      "Mean of delay 0.15 (95 % interval -0.046 – 0.346) · 4 rows",
    );
    expect(read([piece], MEAN, 1, 0)).toMatchObject({ rows: 1, value: null });
  });

  it("gives an estimate with its standard error", () => {
    const planes = [
      { role: "count", category: 0, cells: Uint8Array.of(9, 1) },
      { role: "valid", category: 0, cells: Uint8Array.of(8, 0) },
      { role: "statistic", category: 0, cells: Float64Array.of(5, 0) },
    ] as const;
    const distinct = valueQuantity("Distinct values of v (estimate)", "identity", ["statistic"], {
      error: 0.016,
    });
    const reading = read([pieceOf({ id: "a", planes })], distinct, 0, 0);
    expect(reading && inWords(reading, distinct, AXES, null, null).value).toBe(
      "Distinct values of v (estimate) 5 ± 1.6 % · 9 rows",
    );
  });

  it("gives a mean of times as a time, but their spread as a number", () => {
    const planes = [
      { role: "count", category: 0, cells: Uint8Array.of(2, 0) },
      { role: "valid", category: 0, cells: Uint8Array.of(2, 0) },
      { role: "sum", category: 0, cells: Float64Array.of(2 * 86_400_000_000, 0) },
      { role: "squares", category: 0, cells: Float64Array.of(50, 0) },
    ] as const;
    const when = columnOf({ name: "when", type: "time" });
    const words = (quantity: Quantity) => {
      const reading = read([pieceOf({ id: "a", planes })], quantity, 0, 0);
      return reading && inWords(reading, quantity, AXES, null, when).value;
    };
    const deviation = valueQuantity("Standard deviation of when", "deviation", ["squares"]);
    expect(words({ ...MEAN, label: "Mean of when", value: "when" })).toContain("1970-01-02");
    expect(words(deviation)).toBe("Standard deviation of when 5 · 2 rows");
    expect(words(valueQuantity("Variance of when", "variance", ["squares"]))).toBe(
      "Variance of when 25 · 2 rows",
    );
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

it("says that numbers of a sample are an estimate", () => {
  const planes = [{ role: "count", category: 0, cells: Float64Array.of(300, 100) }] as const;
  const reading = read([{ ...pieceOf({ id: "a", planes }), fraction: 0.01 }], ROWS, 0, 0);
  expect(reading && inWords(reading, ROWS, AXES, null, null).value).toBe(
    "300 rows · estimate from 1 % of rows",
  );
});
