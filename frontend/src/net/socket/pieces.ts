/** Pieces from their messages: made in the Worker and transferred to the page. */
import { type Piece, PlaneRole } from "../../gen/halftone/v1/frame_pb.ts";
import { mixCategories } from "../../model/categories.ts";
import { estimate, type GridPiece, type GridPlane, type Rgb, type Role } from "../../model/piece.ts";
import { decodeCells, PlaneError } from "./planes.ts";

export const ROLES: Partial<Record<PlaneRole, Role>> = {
  [PlaneRole.COUNT]: "count",
  [PlaneRole.VALID]: "valid",
  [PlaneRole.SUM]: "sum",
  [PlaneRole.MIN]: "min",
  [PlaneRole.MAX]: "max",
  [PlaneRole.SQUARES]: "squares",
  [PlaneRole.FIRST]: "first",
  [PlaneRole.LAST]: "last",
  [PlaneRole.EARLIEST]: "earliest",
  [PlaneRole.LATEST]: "latest",
  [PlaneRole.STATISTIC]: "statistic",
  [PlaneRole.CATEGORY]: "category",
};
const LARGEST_PIECE = 8_388_608;

/**
 * Throws PlaneError on a piece whose planes do not fit its size. Planes of unknown roles are left out. Those of a sample
 * become estimates for all rows.
 */
export function decodePiece(piece: Piece, palette: readonly Rgb[]): GridPiece {
  const { width, height, extent } = piece;
  const cells = width * height;
  if (!extent || cells < 1 || cells > LARGEST_PIECE) throw new PlaneError("a piece has no extent or size");
  const planes = piece.planes.flatMap((plane): GridPlane[] => {
    const role = ROLES[plane.role];
    if (!role) return [];
    const decoded = decodeCells(plane.codec, plane.dtype, plane.data, cells);
    return [
      {
        role,
        category: plane.category,
        cells: piece.fraction > 0 ? estimate(role, decoded, piece.fraction) : decoded,
      },
    ];
  });
  const mixed = planes.some((plane) => plane.role === "category")
    ? mixCategories(planes, cells, palette)
    : null;
  const address = piece.address
    ? {
        ex: piece.address.ex,
        ix: String(piece.address.ix),
        ey: piece.address.ey,
        iy: String(piece.address.iy),
      }
    : null;
  return {
    id: hex(piece.pieceId),
    extent: { x0: extent.x0, x1: extent.x1, y0: extent.y0, y1: extent.y1 },
    width,
    height,
    address,
    ...(piece.fraction > 0 && { fraction: piece.fraction }),
    ...(piece.steps.length > 0 && { steps: piece.steps }),
    ...(piece.stepsY.length > 0 && { stepsY: piece.stepsY }),
    planes,
    total: mixed?.total ?? null,
    mix: mixed?.mix ?? null,
    bytes: planes.reduce((sum, plane) => sum + (plane.cells?.byteLength ?? 0), mixed ? cells * 8 : 0) + 256,
  };
}

/** Buffers of a piece, to be moved between threads instead of copied. */
export function buffersOf(piece: GridPiece): ArrayBuffer[] {
  const buffers = piece.planes.flatMap((plane) => (plane.cells ? [plane.cells.buffer] : []));
  return [...buffers, ...(piece.total ? [piece.total.buffer] : []), ...(piece.mix ? [piece.mix.buffer] : [])];
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function bytesFromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
