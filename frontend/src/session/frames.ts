/** Order of frames: newest wins, late ones are dropped, and the last whole picture stays until the next is whole. */
import type { JsonObject } from "@bufbuild/protobuf";
import { cellBits, type GridPiece } from "../model/piece.ts";
import type { Quantity, ViewAxes } from "../model/quantity.ts";
import { contains, type Extent, intersects } from "../model/viewport.ts";
import type { FrameMessage, FrameStatus, ReceiptInfo } from "../net/socket/messages.ts";
import type { PieceStore } from "./piece-store.ts";

/** The picture of one view state: its pieces, and what they show. */
export interface Picture {
  readonly viewId: number;
  readonly seq: number;
  readonly kind: string;
  readonly options: JsonObject;
  /** Makes pictures comparable: frames of one key show the same quantity on the same axes. */
  readonly key: string;
  readonly ids: ReadonlySet<string>;
  readonly extent: Extent | null;
  readonly status: FrameStatus;
  readonly receipt: ReceiptInfo | null;
  /** Null when this page does not know how to draw it. */
  readonly quantity: Quantity | null;
  readonly axes: ViewAxes | null;
}

/** `progress`: it only tells how far the work is. */
export type Verdict = "late" | "partial" | "approximate" | "progress" | "final";

/** Earlier pictures that may fill what the present one does not cover. */
const HISTORY = 24;

export class FrameBook {
  picture: Picture | null = null;
  incoming: Picture | null = null;
  private history: Picture[] = [];
  /** Pieces of a sample, of the picture alone: no other one may show them, and no request say that they are held. */
  private estimates = new Map<string, GridPiece>();

  accept(frame: FrameMessage, made: { kind: string; options: JsonObject }): Verdict {
    if (this.isLate(frame)) return "late";
    if (frame.status === "approximate" && frame.pieces.length === 0) return "progress";
    const before =
      this.incoming?.viewId === frame.viewId && this.incoming.seq === frame.seq ? this.incoming : null;
    const next: Picture = {
      viewId: frame.viewId,
      seq: frame.seq,
      ...made,
      key: JSON.stringify([made.kind, Object.entries(made.options).toSorted()]),
      ids: new Set([...(before?.ids ?? []), ...frame.pieces.map((piece) => piece.id), ...frame.reuse]),
      extent: frame.viewport?.extent ?? before?.extent ?? null,
      status: frame.status,
      receipt: frame.receipt ?? before?.receipt ?? null,
      quantity: frame.quantity,
      axes: frame.axes,
    };
    if (frame.status === "partial") {
      this.incoming = next;
      return "partial";
    }
    if (frame.status === "approximate") {
      this.estimateWith(next, frame.pieces);
      return "approximate";
    }
    this.finish(next);
    this.incoming = null;
    this.estimates.clear();
    return "final";
  }

  /** Views are numbered upwards, and the frames of an older view are late whatever their seq. */
  private isLate(frame: FrameMessage): boolean {
    const newest = this.incoming ?? this.picture;
    if (!newest) return false;
    if (frame.viewId !== newest.viewId) return frame.viewId < newest.viewId;
    return frame.seq < newest.seq;
  }

  private finish(next: Picture): void {
    const { picture } = this;
    if (picture && picture.key !== next.key) this.history = [];
    // What was only estimated is no part of later pictures.
    else if (picture && picture.status !== "approximate")
      this.history = [...this.history, picture].slice(-HISTORY);
    this.picture = next;
  }

  /** Shows what a sample says, above which exact pieces of the same request arrive. */
  private estimateWith(next: Picture, pieces: readonly GridPiece[]): void {
    const { picture } = this;
    const isMore =
      picture?.status === "approximate" && picture.viewId === next.viewId && picture.seq === next.seq;
    if (!isMore) this.estimates.clear();
    for (const piece of pieces) this.estimates.set(piece.id, piece);
    if (isMore) this.picture = { ...next, ids: new Set([...picture.ids, ...next.ids]) };
    else this.finish(next);
  }

  /** Ids that must not be evicted. */
  inUse(): Set<string> {
    return new Set([...(this.picture?.ids ?? []), ...(this.incoming?.ids ?? [])]);
  }

  /**
   * Pieces to draw under `viewport`, lowest first: what earlier pictures know around the present one, the
   * present one, and of the arriving one what is at the same level (above) or fills gaps (below).
   */
  layers(viewport: Extent, store: PieceStore): GridPiece[] {
    const { picture } = this;
    const arriving = this.incoming && (!picture || this.incoming.key === picture.key) ? this.incoming : null;
    const main = this.piecesOf(picture, store);
    const extra = this.piecesOf(arriving, store).filter((piece) => !picture?.ids.has(piece.id));
    const covered = picture?.extent !== null && picture !== null && contains(picture.extent, viewport);
    const under = covered ? [] : this.earlier(store, picture, arriving);
    const sameLevel = extra.filter((piece) => main.length === 0 || levelOf(piece) === levelOf(main[0]));
    const otherLevel = extra.filter((piece) => !sameLevel.includes(piece));
    const ordered = [...under, ...otherLevel, ...main, ...sameLevel];
    return ordered.filter((piece) => intersects(piece.extent, viewport));
  }

  private piecesOf(picture: Picture | null, store: PieceStore): GridPiece[] {
    return picture ? [...picture.ids].flatMap((id) => this.estimates.get(id) ?? store.get(id) ?? []) : [];
  }

  private earlier(store: PieceStore, ...above: (Picture | null)[]): GridPiece[] {
    const ids = new Set(this.history.flatMap((picture) => [...picture.ids]));
    for (const picture of above) for (const id of picture?.ids ?? []) ids.delete(id);
    const pieces = [...ids].flatMap((id) => store.get(id) ?? []);
    return pieces.toSorted((a, b) => cellBits(b) - cellBits(a));
  }
}

function levelOf(piece: GridPiece | undefined): string {
  return piece?.address ? `${piece.address.ex},${piece.address.ey}` : "";
}
