/** Pieces as the page uses them: plain data, made in the Worker and transferred. */
import { type Piece, PlaneRole } from "../gen/halftone/v1/frame_pb.ts";
import type { Extent } from "../session/viewport.ts";
import { type Cells, decodeCells, PlaneError } from "./planes.ts";

export type Role = "count" | "valid" | "sum" | "min" | "max" | "squares" | "category";

export interface GridPlane {
  readonly role: Role;
  readonly category: number;
  /** width * height numbers, lowest y first; null when all are zero. */
  readonly cells: Cells | null;
}

export interface Address {
  readonly ex: number;
  readonly ix: string;
  readonly ey: number;
  readonly iy: string;
}

export interface GridPiece {
  /** Hexadecimal. */
  readonly id: string;
  readonly extent: Extent;
  readonly width: number;
  readonly height: number;
  readonly address: Address | null;
  readonly planes: readonly GridPlane[];
  /** By category only: rows of each cell over all categories, and the weights' colour as RGBA. */
  readonly total: Uint32Array<ArrayBuffer> | null;
  readonly mix: Uint8Array<ArrayBuffer> | null;
  readonly bytes: number;
}

export type Rgb = readonly [number, number, number];

const ROLES: Partial<Record<PlaneRole, Role>> = {
  [PlaneRole.COUNT]: "count",
  [PlaneRole.VALID]: "valid",
  [PlaneRole.SUM]: "sum",
  [PlaneRole.MIN]: "min",
  [PlaneRole.MAX]: "max",
  [PlaneRole.SQUARES]: "squares",
  [PlaneRole.CATEGORY]: "category",
};
const LARGEST_PIECE = 8_388_608;

/** Throws PlaneError on a piece that does not hold what it says. Planes of unknown roles are left out. */
export function decodePiece(piece: Piece, palette: readonly Rgb[]): GridPiece {
  const { width, height, extent } = piece;
  const cells = width * height;
  if (!extent || cells < 1 || cells > LARGEST_PIECE) throw new PlaneError("a piece has no extent or size");
  const planes = piece.planes.flatMap((plane): GridPlane[] => {
    const role = ROLES[plane.role];
    if (!role) return [];
    return [
      { role, category: plane.category, cells: decodeCells(plane.codec, plane.dtype, plane.data, cells) },
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
    planes,
    total: mixed?.total ?? null,
    mix: mixed?.mix ?? null,
    bytes: planes.reduce((sum, plane) => sum + (plane.cells?.byteLength ?? 0), mixed ? cells * 8 : 0) + 256,
  };
}

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
