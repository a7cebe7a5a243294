/** The colour scale over time: frozen while a gesture lasts, eased when it changes. */
import type { Scale } from "./scale.ts";

export interface Blend {
  readonly from: Scale;
  readonly to: Scale;
  /** 0 is `from`, 1 is `to`. */
  readonly blend: number;
}

const EASE_MS = 220;

export class EasedScale {
  private readonly reducedMotion: boolean;
  private from: Scale | null = null;
  private to: Scale | null = null;
  private since = 0;

  /** `reducedMotion`: changes are immediate. */
  constructor(reducedMotion: boolean) {
    this.reducedMotion = reducedMotion;
  }

  get target(): Scale | null {
    return this.to;
  }

  aim(scale: Scale, now: number, immediately = false): void {
    if (this.to && same(this.to, scale)) return;
    this.from = this.reducedMotion || immediately ? scale : (this.to ?? scale);
    this.to = scale;
    this.since = now;
  }

  at(now: number): Blend | null {
    if (!this.from || !this.to) return null;
    const elapsed = this.from === this.to ? 1 : Math.min(1, Math.max(0, (now - this.since) / EASE_MS));
    return { from: this.from, to: this.to, blend: elapsed * elapsed * (3 - 2 * elapsed) };
  }
}

function same(a: Scale, b: Scale): boolean {
  if (a.normalisation !== b.normalisation || a.lo !== b.lo || a.hi !== b.hi || a.areaBits !== b.areaBits)
    return false;
  if (!a.table || !b.table) return a.table === b.table;
  const other = b.table.shares;
  return a.table.shares.length === other.length && a.table.shares.every((share, i) => share === other[i]);
}
