/** Sends the messages of a session, within the limits of the server. */
import type { StoreApi } from "zustand/vanilla";
import { type ServerLimits, START_LIMITS } from "../net/socket/limits.ts";
import type { Pixels, RowsAsk } from "../net/socket/messages.ts";
import type { Access } from "./access.ts";
import type { Delivery } from "./delivery.ts";
import type { Change } from "./pacing.ts";
import type { ViewRequests } from "./requests.ts";
import type { SessionState, SessionWorld } from "./state.ts";

/** Half of a message may be ids of pieces, of 16 bytes each. */
const BYTES_PER_ID = 32;

export interface SenderParts {
  readonly world: SessionWorld;
  readonly store: StoreApi<SessionState>;
  readonly access: Access;
  readonly requests: ViewRequests;
  readonly delivery: Delivery;
}

export class Sender {
  private readonly parts: SenderParts;
  private known = START_LIMITS;
  private size: Pixels | null = null;

  constructor(parts: SenderParts) {
    this.parts = parts;
  }

  get limits(): ServerLimits {
    return this.known;
  }

  /** The view takes requests. */
  get isReady(): boolean {
    return this.size !== null && this.parts.access.isKnown && this.parts.access.isLive;
  }

  /** Device pixels of the plot; null before they are known. */
  get plotSize(): Pixels | null {
    return this.size;
  }

  limit(limits: ServerLimits): void {
    this.known = limits;
  }

  /** False when that is the size already. */
  resize(size: Pixels): boolean {
    if (this.size?.width === size.width && this.size.height === size.height) return false;
    this.size = size;
    return true;
  }

  /** False while the view takes no requests. */
  pick(pickId: number, ask: RowsAsk): boolean {
    const { world, access } = this.parts;
    if (!access.isLive || access.phase !== "open") return false;
    world.send({ type: "pick", viewId: access.viewId, pickId, ...ask });
    return true;
  }

  /** False while there is no size to request, or no link to request it on. */
  open(): boolean {
    const { world, store, access, requests, delivery } = this.parts;
    const size = this.requestSize();
    if (!size || !access.isLive) return false;
    access.opening();
    const held = delivery.pieces.held().slice(-this.idsPerMessage());
    const { viewId, versionId } = access;
    const open = requests.open(store.getState(), size, { viewId, versionId, dataset: world.dataset, held });
    this.awaitAnswer(open.seq);
    world.send(open);
    return true;
  }

  set(change: Change): void {
    const { world, store, access, requests } = this.parts;
    const size = this.requestSize();
    if (!size) return;
    const set = requests.set(store.getState(), size, access.viewId, change);
    this.awaitAnswer(set.seq);
    world.send(set);
  }

  /** Closes the view; the next one has another id. */
  leave(): void {
    const { world, access } = this.parts;
    if (access.isKnown) world.send({ type: "close", viewId: access.viewId });
    access.leave();
  }

  /** Every frame received so far is painted: sends `shown` for each. */
  acknowledge(): void {
    const { world, delivery } = this.parts;
    for (const shown of delivery.drawn()) world.send({ type: "shown", ...shown });
  }

  /** Tells the server which pieces are no longer held. */
  drop(ids: readonly string[]): void {
    const { world, access } = this.parts;
    const most = this.idsPerMessage();
    for (let i = 0; i < ids.length; i += most) {
      world.send({ type: "drop", viewId: access.viewId, pieceIds: ids.slice(i, i + most) });
    }
  }

  private awaitAnswer(seq: number): void {
    const { world, store } = this.parts;
    store.setState((state) => ({
      pending: { seq, since: state.pending?.since ?? world.now() },
      progress: null,
    }));
  }

  /** Null before the plot has a size. */
  private requestSize(): Pixels | null {
    const { world, store } = this.parts;
    return this.size && world.requestSize(store.getState().kind, this.size, this.known);
  }

  private idsPerMessage(): number {
    return Math.max(1, Math.floor(this.known.messageBytes / BYTES_PER_ID));
  }
}
