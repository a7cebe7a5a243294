/** Pieces for tests. */
import { mixCategories } from "./categories.ts";
import type { GridPiece, GridPlane } from "./piece.ts";
import type { Extent } from "./viewport.ts";

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
