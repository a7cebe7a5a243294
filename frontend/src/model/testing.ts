/** Pieces and quantities for tests. */
import { mixCategories } from "./categories.ts";
import { type Column, readColumn } from "./column.ts";
import type { GridPiece, GridPlane, Role } from "./piece.ts";
import type { Finisher, Quantity, ViewAxes } from "./quantity.ts";
import type { Extent } from "./viewport.ts";

/** A column, with what a test says of it. */
export function columnOf(part: Partial<Column> = {}): Column {
  return { ...readColumn({}), ...part };
}

interface PieceWish {
  id: string;
  extent?: Extent;
  width?: number;
  height?: number;
  planes?: readonly GridPlane[];
  bytes?: number;
}

/** One row of two cells over 0 ≤ x < 2, 0 ≤ y < 1 unless wished otherwise. */
export function pieceOf(wish: PieceWish): GridPiece {
  const width = wish.width ?? 2;
  const height = wish.height ?? 1;
  const planes = wish.planes ?? [{ role: "count", category: 0, cells: new Uint8Array(width * height) }];
  const mixed = planes.some(({ role }) => role === "category");
  const { total, mix } = mixed
    ? mixCategories(planes, width * height, [
        [255, 0, 0],
        [0, 0, 255],
      ])
    : { total: null, mix: null };
  return {
    id: wish.id,
    extent: wish.extent ?? { x0: 0, x1: 2, y0: 0, y1: 1 },
    width,
    height,
    address: null,
    planes,
    total,
    mix,
    bytes: wish.bytes ?? 100,
  };
}

/** Rows of each cell. */
export const ROWS: Quantity = {
  label: "Rows",
  unit: "rows",
  finisher: "identity",
  planes: ["count"],
  empty: "zero",
  growsWithArea: true,
  integer: true,
  withinValue: false,
  value: "",
  category: "",
};

export const ANY: Quantity = {
  ...ROWS,
  label: "Any rows",
  unit: "",
  finisher: "presence",
  growsWithArea: false,
};

export function byCategory(category: string): Quantity {
  return { ...ROWS, label: `Rows by ${category}`, finisher: "categories", planes: ["category"], category };
}

/** A quantity of a value column. */
export function valueQuantity(
  label: string,
  finisher: Finisher,
  planes: readonly Role[],
  rest: Partial<Quantity> = {},
): Quantity {
  const value = label.split(" of ").at(-1) ?? "";
  const plain = { ...ROWS, unit: "", growsWithArea: false, integer: false, empty: "no_value" } as const;
  return { ...plain, label, finisher, planes, value, ...rest };
}

/** Axes named x and y unless wished otherwise; `y` null for bars. */
export function axesOf(x = "x", y: string | null = "y"): ViewAxes {
  const axis = (column: string) =>
    ({ column, type: "number", transform: "linear", label: column, unit: "" }) as const;
  return { x: axis(x), y: y === null ? null : axis(y) };
}

/** A longitude and a latitude on Web Mercator. */
export function mapAxes(): ViewAxes {
  const { x, y } = axesOf("lon", "lat");
  return { x, y: y && { ...y, transform: "mercator" } };
}
