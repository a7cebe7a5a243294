/** From the planes of a piece to the quantity that the person asked for. */
import type { JsonObject } from "@bufbuild/protobuf";
import type { Cells, GridPiece, Role } from "./piece.ts";

export type Reduction = "count" | "any" | "sum" | "mean" | "min" | "max" | "std" | "var" | "categories";

/** What a picture shows in its cells. */
export interface Quantity {
  readonly reduction: Reduction;
  /** Name of the value column, empty when rows are counted. */
  readonly value: string;
  /** Name of the category column, empty when there is none. */
  readonly category: string;
}

/**
 * Values of a piece. Counts are integers and 0 is an empty cell; the other reductions are float64 and NaN is an
 * empty cell, as in Datashader. Null: every cell is empty.
 */
export interface Finished {
  readonly counts: boolean;
  readonly cells: Cells | null;
}

export function quantityOf(options: JsonObject): Quantity {
  const category = text(options["category"]);
  const reduction = category ? "categories" : ((text(options["reduction"]) || "count") as Reduction);
  return { reduction, value: text(options["value"]), category };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function isCount(quantity: Quantity): boolean {
  return (
    quantity.reduction === "count" || quantity.reduction === "any" || quantity.reduction === "categories"
  );
}

/** Whether the quantity of a cell grows with the cell's area. */
export function growsWithArea(quantity: Quantity): boolean {
  return (
    quantity.reduction === "count" || quantity.reduction === "categories" || quantity.reduction === "sum"
  );
}

/** Whether the quantity of a cell lies between the least and the greatest value of the column, in its unit. */
export function isWithinColumn(quantity: Quantity): boolean {
  return quantity.reduction === "mean" || quantity.reduction === "min" || quantity.reduction === "max";
}

const finishedOf = new WeakMap<GridPiece, Map<Reduction, Finished>>();

/** Finished values; made once for each piece and reduction. */
export function finish(piece: GridPiece, reduction: Reduction): Finished {
  let made = finishedOf.get(piece);
  if (!made) finishedOf.set(piece, (made = new Map()));
  let finished = made.get(reduction);
  if (!finished) made.set(reduction, (finished = compute(piece, reduction)));
  return finished;
}

function compute(piece: GridPiece, reduction: Reduction): Finished {
  switch (reduction) {
    case "count":
      return { counts: true, cells: plane(piece, "count") };
    case "any":
      return {
        counts: true,
        cells: plane(piece, "count")?.map((rows) => (rows > 0 ? 1 : 0)) as Cells | null,
      };
    case "categories":
      return { counts: true, cells: piece.total };
    case "mean":
      return { counts: false, cells: masked(piece, plane(piece, "sum"), (sum, valid) => sum / valid) };
    case "var":
      return {
        counts: false,
        cells: masked(piece, plane(piece, "squares"), (squares, valid) => squares / valid),
      };
    case "std":
      return {
        counts: false,
        cells: masked(piece, plane(piece, "squares"), (squares, valid) => Math.sqrt(squares / valid)),
      };
    case "sum":
    case "min":
    case "max":
      return { counts: false, cells: masked(piece, plane(piece, reduction), (value) => value) };
  }
}

export function plane(piece: GridPiece, role: Role): Cells | null {
  return piece.planes.find((candidate) => candidate.role === role)?.cells ?? null;
}

function masked(
  piece: GridPiece,
  values: Cells | null,
  of: (value: number, valid: number) => number,
): Float64Array<ArrayBuffer> | null {
  const valid = plane(piece, "valid");
  if (!valid) return null;
  const out = new Float64Array(valid.length);
  for (let i = 0; i < out.length; i += 1) {
    const rows = valid[i] as number;
    // A plane that is absent because it is all zero still has values where there are rows.
    out[i] = rows > 0 ? of(values ? (values[i] as number) : 0, rows) : Number.NaN;
  }
  return out;
}

/** Rows of each cell; null when there are none. */
export function rowsOf(piece: GridPiece): Cells | null {
  return piece.total ?? plane(piece, "count");
}
