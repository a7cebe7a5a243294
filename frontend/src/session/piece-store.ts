/** Pieces the page holds, bounded by bytes; the least recently used go first. */
import type { GridPiece } from "../model/piece.ts";

export class PieceStore {
  private readonly limit: number;
  private readonly pieces = new Map<string, GridPiece>();
  /** Evicted and dropped at the server, but kept until its next frame, which may still name them. */
  private readonly leaving = new Set<string>();
  private bytes = 0;

  constructor(limitBytes: number) {
    this.limit = limitBytes;
  }

  get(id: string): GridPiece | undefined {
    return this.pieces.get(id);
  }

  add(piece: GridPiece): void {
    this.remove(piece.id);
    this.pieces.set(piece.id, piece);
    this.bytes += piece.bytes;
  }

  /** Marks as used now. */
  touch(id: string): boolean {
    const piece = this.pieces.get(id);
    if (!piece) return false;
    this.pieces.delete(id);
    this.pieces.set(id, piece);
    return true;
  }

  /** Ids that a frame may reuse. */
  held(): string[] {
    return [...this.pieces.keys()].filter((id) => !this.leaving.has(id));
  }

  /** A frame has arrived that names `used`: pieces evicted before it can go now. */
  settle(used: ReadonlySet<string>): string[] {
    const gone = [...this.leaving].filter((id) => !used.has(id));
    for (const id of gone) this.remove(id);
    this.leaving.clear();
    return gone;
  }

  /** Chooses pieces beyond the limit to leave, never one of `used`; the caller drops them at the server. */
  evict(used: ReadonlySet<string>): string[] {
    let excess = this.bytes - this.limit;
    for (const id of this.leaving) excess -= this.pieces.get(id)?.bytes ?? 0;
    const chosen: string[] = [];
    for (const [id, piece] of this.pieces) {
      if (excess <= 0) break;
      if (used.has(id) || this.leaving.has(id)) continue;
      this.leaving.add(id);
      chosen.push(id);
      excess -= piece.bytes;
    }
    return chosen;
  }

  clear(): void {
    this.pieces.clear();
    this.leaving.clear();
    this.bytes = 0;
  }

  get size(): { pieces: number; bytes: number } {
    return { pieces: this.pieces.size, bytes: this.bytes };
  }

  private remove(id: string): void {
    const piece = this.pieces.get(id);
    if (!piece) return;
    this.pieces.delete(id);
    this.leaving.delete(id);
    this.bytes -= piece.bytes;
  }
}
