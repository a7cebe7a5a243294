/** Pieces with some categories left out: made on the page from the planes that are already here. */
import { type GridPiece, mixCategories, type Rgb } from "./piece.ts";

const made = new WeakMap<GridPiece, GridPiece & { readonly hiddenKey: string }>();

/** The same piece with totals and colours of the other categories; its numbers by category stay whole. */
export function withoutCategories(
  piece: GridPiece,
  hidden: readonly number[],
  palette: readonly Rgb[],
): GridPiece {
  if (hidden.length === 0 || !piece.total) return piece;
  const hiddenKey = hidden.join(",");
  const known = made.get(piece);
  if (known?.hiddenKey === hiddenKey) return known;
  const shown = piece.planes.filter(({ category }) => !hidden.includes(category));
  const mixed = mixCategories(shown, piece.width * piece.height, palette);
  const next = { ...piece, ...mixed, id: `${piece.id}-${hiddenKey}`, hiddenKey };
  made.set(piece, next);
  return next;
}
