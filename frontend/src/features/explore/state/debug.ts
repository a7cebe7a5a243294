/** `window.halftone`: the picture on screen as plain data, a debugging aid (docs/explore.md). */
import { rowsOf } from "../../../model/finishers.ts";
import type { GridPiece } from "../../../model/piece.ts";
import type { ServerLimits } from "../../../net/socket/limits.ts";
import type { Exploration } from "./exploration.ts";

export interface Status {
  status: string;
  link: string;
  viewport: unknown;
  seq: number;
  kind: string;
  options: unknown;
  pending: boolean;
  held: { pieces: number; bytes: number };
  /** Those that the server stated. */
  limits: ServerLimits;
  renderer: Record<string, unknown>;
}

export interface Snapshot extends Status {
  pieces: PieceSnapshot[];
}

interface PieceSnapshot {
  id: string;
  extent: unknown;
  width: number;
  height: number;
  address: unknown;
  rows: number;
  planes: { role: string; category: number; values: number[] }[];
}

declare global {
  interface Window {
    halftone?: { explore: () => Snapshot | null; status: () => Status | null };
  }
}

export function exposeSnapshot(exploration: Exploration, info: () => Record<string, unknown>): () => void {
  window.halftone = {
    explore: () => snapshot(exploration, info()),
    status: () => status(exploration, info()),
  };
  return () => {
    window.halftone = { explore: () => null, status: () => null };
  };
}

/** Without the cells: cheap enough for every animation frame. */
function status({ session }: Exploration, renderer: Record<string, unknown>): Status {
  const { viewport, picture, kind, options, pending, link, moving } = session.store.getState();
  const isPending = pending !== null || session.unshown > 0;
  return {
    status: moving ? "moving" : isPending ? "pending" : (picture?.status ?? "none"),
    link: link.state,
    viewport,
    seq: picture?.seq ?? 0,
    kind: picture?.kind ?? kind,
    options: picture?.options ?? options,
    pending: isPending,
    held: session.pieces.size,
    limits: session.serverLimits,
    renderer,
  };
}

function snapshot(exploration: Exploration, renderer: Record<string, unknown>): Snapshot {
  const { session } = exploration;
  const { viewport, picture } = session.store.getState();
  const layers = viewport ? session.frames.layers(viewport, session.pieces) : [];
  return {
    ...status(exploration, renderer),
    // Computed on access: polling the status does not copy a million numbers.
    get pieces() {
      return layers.filter((piece) => picture?.ids.has(piece.id)).map(pieceSnapshot);
    },
  };
}

function pieceSnapshot(piece: GridPiece): PieceSnapshot {
  const cells = piece.width * piece.height;
  return {
    id: piece.id,
    extent: piece.extent,
    width: piece.width,
    height: piece.height,
    address: piece.address,
    rows: Array.from(rowsOf(piece) ?? []).reduce((sum, rows) => sum + rows, 0),
    planes: piece.planes.map(({ role, category, cells: values }) => ({
      role,
      category,
      values: values ? Array.from(values) : Array.from({ length: cells }, () => 0),
    })),
  };
}
