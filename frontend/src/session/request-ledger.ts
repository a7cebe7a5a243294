/** Which options and which extent the server uses at which seq: what was sent, less what it refused. */
import type { JsonObject } from "@bufbuild/protobuf";
import type { Extent } from "../model/viewport.ts";

/** One request. What it does not change is as before it. */
export interface Sent {
  readonly seq: number;
  /** Null: not changed. */
  readonly options: JsonObject | null;
  /** Null: the server chooses; undefined: not changed. */
  readonly extent: Extent | null | undefined;
}

export class RequestLedger {
  /** Ascending; the first holds everything. */
  private entries: Sent[];

  constructor(options: JsonObject, extent: Extent | null, seq: number) {
    this.entries = [{ seq, options, extent }];
  }

  /** In force from there on unless refused. */
  add(sent: Sent): void {
    this.entries.push(sent);
  }

  /** The server refused request `seq`. Returns what it does not have now, null when that is unknown. */
  refuse(seq: number): Sent | null {
    const index = this.entries.findIndex((entry) => entry.seq === seq);
    return index < 1 ? null : (this.entries.splice(index, 1)[0] ?? null);
  }

  /** Options that the frames of `seq` are made with. */
  at(seq: number): JsonObject {
    const entry = this.entries.findLast(({ options, seq: sent }) => options && sent <= seq);
    return (entry ?? this.entries[0])?.options ?? {};
  }

  /** Extent that the frames of `seq` were asked for with; null: the server chose it. */
  extentAt(seq: number): Extent | null {
    const entry = this.entries.findLast(({ extent, seq: sent }) => extent !== undefined && sent <= seq);
    return (entry ?? this.entries[0])?.extent ?? null;
  }

  /** The final frame of `seq` is here, and shows `extent`: joins older entries. */
  settle(seq: number, extent: Extent | null): void {
    const index = this.entries.findLastIndex((entry) => entry.seq <= seq);
    if (index < 0) return;
    const joined = { seq, options: this.at(seq), extent: this.extentAt(seq) ?? extent };
    this.entries.splice(0, index + 1, joined);
  }

  /** What the server has once it has seen every request. */
  get current(): JsonObject {
    return this.at(Number.POSITIVE_INFINITY);
  }

  get currentExtent(): Extent | null {
    return this.extentAt(Number.POSITIVE_INFINITY);
  }

  /** Replaces the oldest entry's options: the server has filled in defaults. */
  fill(options: JsonObject): void {
    const [first, ...rest] = this.entries;
    if (first) this.entries = [{ ...first, options }, ...rest];
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
