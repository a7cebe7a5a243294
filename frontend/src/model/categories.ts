/** Categories of a picture: their colours by rows, those left out, and their names. */
import type { Cells, GridPiece, GridPlane, Rgb } from "./piece.ts";

/** Places in the legend, each with a colour of its own. */
export const CATEGORY_PLACES = 16;

/** Total rows and weighted mean colour of each cell. */
export function mixCategories(
  planes: readonly GridPlane[],
  cells: number,
  palette: readonly Rgb[],
): { total: Uint32Array<ArrayBuffer>; mix: Uint8Array<ArrayBuffer> } {
  const total = new Uint32Array(cells);
  const sums = new Float32Array(cells * 3);
  for (const plane of planes) {
    if (plane.role !== "category" || !plane.cells) continue;
    const [r, g, b] = palette[plane.category % palette.length] ?? [128, 128, 128];
    for (let i = 0; i < cells; i += 1) {
      const rows = plane.cells[i] as number;
      if (rows === 0) continue;
      total[i] = (total[i] as number) + rows;
      sums[3 * i] = (sums[3 * i] as number) + rows * r;
      sums[3 * i + 1] = (sums[3 * i + 1] as number) + rows * g;
      sums[3 * i + 2] = (sums[3 * i + 2] as number) + rows * b;
    }
  }
  const mix = new Uint8Array(cells * 4);
  for (let i = 0; i < cells; i += 1) {
    const rows = total[i] as number;
    if (rows === 0) continue;
    for (let c = 0; c < 3; c += 1) mix[4 * i + c] = Math.round((sums[3 * i + c] as number) / rows);
    mix[4 * i + 3] = 255;
  }
  return { total, mix };
}

/** Colours of cells whose numbers are places of categories, as RGBA; NaN: transparent. */
export function placeColours(cells: Cells, palette: readonly Rgb[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(cells.length * 4);
  for (let i = 0; i < cells.length; i += 1) {
    const colour = palette[(cells[i] as number) % palette.length];
    if (colour) out.set([...colour, 255], 4 * i);
  }
  return out;
}

const made = new WeakMap<GridPiece, GridPiece & { readonly hiddenKey: string }>();

/** The same piece with rows and colours of the other categories only. */
export function withoutCategories(
  piece: GridPiece,
  hidden: readonly number[],
  palette: readonly Rgb[],
): GridPiece {
  if (hidden.length === 0 || !piece.total) return piece;
  const hiddenKey = hidden.join(",");
  const known = made.get(piece);
  if (known?.hiddenKey === hiddenKey) return known;
  const shown = piece.planes.filter(
    ({ role, category }) => role !== "category" || !hidden.includes(category),
  );
  const mixed = mixCategories(shown, piece.width * piece.height, palette);
  const next = { ...piece, ...mixed, planes: shown, id: `${piece.id}-${hiddenKey}`, whole: piece, hiddenKey };
  made.set(piece, next);
  return next;
}

/** A category column: labels, most frequent first; null for rows without a value. */
export interface CategoryColumn {
  readonly categories: readonly { readonly label: string | null }[];
}

/** Name of what is shown of numbers by category: one of them, or all rows together. */
export function placeLabel(column: CategoryColumn | null, place: number | null): string {
  return place === null ? "all" : categoryLabel(column, place);
}

/** What is known of the most frequent category: where the rare ones together have most rows, none is. */
export function modeLabel(column: CategoryColumn | null, place: number): string {
  const label = categoryLabel(column, place);
  return isOther(column, place) ? `${label} (not known which)` : label;
}

function isOther(column: CategoryColumn | null, place: number): boolean {
  return place === CATEGORY_PLACES - 1 && (column?.categories.length ?? 0) > CATEGORY_PLACES;
}

/** Name of the category at a place of the legend; beyond sixteen categories the last place holds all the others. */
export function categoryLabel(column: CategoryColumn | null, place: number): string {
  if (isOther(column, place)) return "other";
  const found = column?.categories[place];
  return found ? (found.label ?? "(missing)") : `#${place + 1}`;
}
