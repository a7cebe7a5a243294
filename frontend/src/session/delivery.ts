/**
 * Frames and pieces of the view: what is on screen, and which frames are still to be acknowledged.
 *
 * | frame            | its pieces | `shown`           | becomes                      |
 * |------------------|------------|-------------------|------------------------------|
 * | of another view  | kept       | never             | nothing                      |
 * | late, final      | kept       | after the paint   | nothing                      |
 * | late, partial    | kept       | never             | nothing                      |
 * | partial          | kept       | never             | part of the arriving picture |
 * | approximate      | until the next picture | never | the picture, until a final one    |
 * | without pieces   | -          | never             | progress                     |
 * | final            | kept       | after the paint   | the picture                  |
 *
 * A piece that a frame reuses and that is not held is missing: the session drops it at the server and requests again.
 */
import type { JsonObject } from "@bufbuild/protobuf";
import type { FrameMessage } from "../net/socket/messages.ts";
import { FrameBook, type Verdict } from "./frames.ts";
import { PieceStore } from "./piece-store.ts";

const PIECE_BYTES = 192 * 2 ** 20;

export interface ShownFrame {
  readonly viewId: number;
  readonly seq: number;
}

export interface Arrival {
  readonly verdict: Verdict | "foreign";
  readonly missing: readonly string[];
}

export class Delivery {
  readonly pieces = new PieceStore(PIECE_BYTES);
  readonly frames = new FrameBook();
  private unacknowledged: ShownFrame[] = [];

  /** Final frames that the draw loop has not put on screen yet. */
  get unshown(): number {
    return this.unacknowledged.length;
  }

  /** Share of the arriving picture's pieces that have come, of `total`. */
  share(total: number): number {
    return Math.min(1, (this.frames.incoming?.ids.size ?? 0) / total);
  }

  receive(frame: FrameMessage, viewId: number, made: { kind: string; options: JsonObject }): Arrival {
    if (frame.status === "approximate") return this.approximate(frame, viewId, made);
    for (const piece of frame.pieces) this.pieces.add(piece);
    if (frame.viewId !== viewId) return { verdict: "foreign", missing: [] };
    const verdict = this.frames.accept(frame, made);
    if (frame.status !== "partial") this.unacknowledged.push({ viewId, seq: frame.seq });
    if (verdict === "late") return { verdict, missing: [] };
    this.pieces.settle(this.frames.inUse());
    return { verdict, missing: frame.reuse.filter((id) => !this.pieces.touch(id)) };
  }

  /** Its pieces are never stored, and it is never acknowledged. What it reuses is asked of the exact frame. */
  private approximate(
    frame: FrameMessage,
    viewId: number,
    made: { kind: string; options: JsonObject },
  ): Arrival {
    const verdict = frame.viewId === viewId ? this.frames.accept(frame, made) : "foreign";
    return { verdict, missing: [] };
  }

  /** Every frame received so far is painted. Returns the frames to acknowledge. */
  drawn(): readonly ShownFrame[] {
    const { unacknowledged } = this;
    this.unacknowledged = [];
    return unacknowledged;
  }

  /** Pieces that leave, for the server to know. */
  evict(): readonly string[] {
    return this.pieces.evict(this.frames.inUse());
  }

  clear(): void {
    this.pieces.clear();
  }
}
