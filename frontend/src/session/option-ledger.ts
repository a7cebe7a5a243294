/** Which options the server uses at which seq: what was sent, less what it refused. */
import type { JsonObject } from "@bufbuild/protobuf";

export class OptionLedger {
  private entries: { seq: number; options: JsonObject }[];

  constructor(options: JsonObject, seq: number) {
    this.entries = [{ seq, options }];
  }

  /** Sent with message `seq`, in force from there on unless refused. */
  add(seq: number, options: JsonObject): void {
    this.entries.push({ seq, options });
  }

  /** The server refused message `seq`. True when that message changed options. */
  refuse(seq: number): boolean {
    const index = this.entries.findIndex((entry) => entry.seq === seq);
    if (index < 1) return false;
    this.entries.splice(index, 1);
    return true;
  }

  /** Options that the frames of `seq` are made with. */
  at(seq: number): JsonObject {
    const entry = this.entries.findLast((candidate) => candidate.seq <= seq) ?? this.entries[0];
    return entry?.options ?? {};
  }

  /** The final frame of `seq` is here: removes older entries. */
  settle(seq: number): void {
    const index = this.entries.findLastIndex((entry) => entry.seq <= seq);
    if (index > 0) this.entries.splice(0, index);
  }

  /** What the server has now. */
  get current(): JsonObject {
    return this.entries.at(-1)?.options ?? {};
  }

  /** Replaces the oldest entry's options: the server has filled in defaults. */
  fill(options: JsonObject): void {
    const first = this.entries[0];
    if (first) first.options = options;
  }
}

/** Every wanted option, and null for each that the server has and that is not wanted: right whatever it refused. */
export function fullPatch(before: JsonObject, wanted: JsonObject): JsonObject {
  const removed = Object.keys(before).filter((name) => !(name in wanted));
  return { ...wanted, ...Object.fromEntries(removed.map((name) => [name, null])) };
}

/** The server writes every option out; one that is null is one that is absent. */
export function withoutNulls(options: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}
