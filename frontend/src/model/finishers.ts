/** From the planes of a piece to the numbers of a quantity and the intervals about them; the closed set of finishers of proto/halftone/v1/frame.proto. */
import type { Cells, GridPiece, Role } from "./piece.ts";
import { type Finisher, isByCategory, type Quantity } from "./quantity.ts";

/** Number of one cell from its planes, in the order of the quantity, and its rows with a value. */
type Formula = (first: number, second: number, valid: number, third: number) => number;

const FORMULAS: Readonly<Record<Exclude<Finisher, "categories" | "mode">, Formula>> = {
  identity: (first) => first,
  presence: (first) => (first > 0 ? 1 : 0),
  ratio: (first, _second, valid) => first / valid,
  variance: (first, _second, valid) => first / valid,
  deviation: (first, _second, valid) => Math.sqrt(first / valid),
  difference: (first, second) => first - second,
  // Where a span begins; lines read its other numbers too.
  span: (_earliest, _latest, _valid, least) => least,
};

/** 97.5 % of a standard normal distribution lie below. */
const NORMAL_975 = 1.96;

const finished = new WeakMap<GridPiece, Map<string, Cells | null>>();

/** Names what `finish` makes: quantities of one key have equal numbers. */
export function finishKey({ finisher, planes, empty, category, place }: Quantity): string {
  return `${finisher}/${planes.join()}/${empty}/${category === "" ? "" : (place ?? "all")}`;
}

/**
 * Number of each cell. An empty cell is 0 where the quantity's `empty` is `zero`, NaN where it is `no_value`. Null: every
 * cell is empty. Made once for each piece and key.
 */
export function finish(piece: GridPiece, quantity: Quantity): Cells | null {
  let made = finished.get(piece);
  if (!made) finished.set(piece, (made = new Map()));
  const key = finishKey(quantity);
  let cells = made.get(key);
  if (cells === undefined) made.set(key, (cells = compute(piece, quantity)));
  return cells;
}

function compute(piece: GridPiece, quantity: Quantity): Cells | null {
  const { finisher, planes, empty } = quantity;
  if (finisher === "categories") return piece.total;
  if (finisher === "mode") return mostFrequent(piece);
  const [first, second, third] = planes.map((role) => operand(piece, role, quantity));
  const valid = operand(piece, "valid", quantity);
  if (empty === "no_value") return masked(valid, [first, second, third], FORMULAS[finisher]);
  // The cells keep their integer type.
  if (finisher === "identity") return first ?? null;
  if (finisher === "presence") return (first?.map((value) => (value > 0 ? 1 : 0)) ?? null) as Cells | null;
  return first || second ? filled(piece, first ?? null, second ?? null, valid, FORMULAS[finisher]) : null;
}

/** The plane of a role, by category that of the place which is shown. */
export function operand(piece: GridPiece, role: Role, quantity: Quantity): Cells | null {
  if (!isByCategory(quantity)) return plane(piece, role);
  const place = quantity.place ?? null;
  if (role === "category" && place === null) return piece.total;
  const own = place ?? piece.planes.filter((candidate) => candidate.role === "category").length;
  const found = piece.planes.find((candidate) => candidate.role === role && candidate.category === own);
  return found?.cells ?? null;
}

/** Place of the category with most rows, the lower of equal ones; NaN where there are none. */
function mostFrequent(piece: GridPiece): Cells | null {
  const planes = piece.planes.filter(({ role, cells }) => role === "category" && cells);
  if (planes.length === 0) return null;
  const out = new Float64Array(piece.width * piece.height).fill(Number.NaN);
  const most = new Float64Array(out.length);
  for (const { category, cells } of planes) {
    for (let i = 0; i < out.length; i += 1) {
      const rows = (cells as Cells)[i] as number;
      if (rows <= (most[i] as number)) continue;
      most[i] = rows;
      out[i] = category;
    }
  }
  return out;
}

function masked(
  valid: Cells | null,
  [first, second, third]: readonly (Cells | null | undefined)[],
  of: Formula,
): Float64Array<ArrayBuffer> | null {
  if (!valid) return null;
  const out = new Float64Array(valid.length);
  for (let i = 0; i < out.length; i += 1) {
    const rows = valid[i] as number;
    // A plane that is absent because it is all zero still has values where there are rows.
    out[i] = rows > 0 ? of(first?.[i] ?? 0, second?.[i] ?? 0, rows, third?.[i] ?? 0) : Number.NaN;
  }
  return out;
}

function filled(
  piece: GridPiece,
  first: Cells | null,
  second: Cells | null,
  valid: Cells | null,
  of: Formula,
): Float64Array<ArrayBuffer> {
  const out = new Float64Array(piece.width * piece.height);
  for (let i = 0; i < out.length; i += 1) {
    // A ratio of nothing is empty too.
    out[i] = of(first?.[i] ?? 0, second?.[i] ?? 0, valid?.[i] ?? 0, 0) || 0;
  }
  return out;
}

/**
 * Both ends of the interval about the number of a cell: 1.96 s / sqrt(n) to each side of a mean of n values, with s the
 * standard deviation of the sample. Null: the quantity has none, or the cell has fewer than two values.
 */
export function intervalAt(
  piece: GridPiece,
  quantity: Quantity,
  cell: number,
): readonly [number, number] | null {
  const n = quantity.interval ? (operand(piece, "valid", quantity)?.[cell] ?? 0) : 0;
  const mean = n > 1 ? finish(piece, quantity)?.[cell] : undefined;
  if (mean === undefined) return null;
  // A plane that is absent is all zero: values without a spread.
  const squares = operand(piece, "squares", quantity)?.[cell] ?? 0;
  const half = NORMAL_975 * Math.sqrt(squares / (n - 1) / n);
  return [mean - half, mean + half];
}

/** Cells of the plane of a role; null when there is none, or all are zero. */
export function plane(piece: GridPiece, role: Role): Cells | null {
  return piece.planes.find((candidate) => candidate.role === role)?.cells ?? null;
}

/** Rows of each cell; null when there are none. */
export function rowsOf(piece: GridPiece): Cells | null {
  return piece.total ?? plane(piece, "count");
}
