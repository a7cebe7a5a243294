/**
 * One open view: Access decides whether it takes requests, Pacing when they go out, ViewRequests what they hold;
 * Delivery keeps what arrives.
 * Frames stay outside the store; React binds to the store, the draw loop to `onPicture`.
 */
import type { JsonObject } from "@bufbuild/protobuf";
import { createStore, type StoreApi } from "zustand/vanilla";
import { type Extent, isValid } from "../model/viewport.ts";
import type { ServerLimits } from "../net/socket/limits.ts";
import type { LinkState, Pixels, RowsAsk, ServerMessage } from "../net/socket/messages.ts";
import { Access } from "./access.ts";
import { Delivery } from "./delivery.ts";
import type { FrameBook } from "./frames.ts";
import { type Change, Pacing } from "./pacing.ts";
import type { PieceStore } from "./piece-store.ts";
import { receive, type SessionParts } from "./receiver.ts";
import { ViewRequests } from "./requests.ts";
import { Sender } from "./sender.ts";
import { type SessionState, type SessionWorld, type Start, startState } from "./state.ts";

export class ExploreSession {
  readonly store: StoreApi<SessionState>;
  private readonly listeners = new Set<() => void>();
  private readonly parts: SessionParts;
  private isOpenDue = false;

  constructor(world: SessionWorld, initial: Start) {
    this.store = createStore<SessionState>(() => startState(initial));
    const access = new Access();
    const delivery = new Delivery();
    const requests = new ViewRequests(initial.options, initial.viewport, world);
    const sender = new Sender({ world, store: this.store, access, requests, delivery });
    const target = {
      isReady: () => sender.isReady,
      isAwaiting: () => this.store.getState().moving && this.store.getState().pending !== null,
      send: (change: Change) => sender.set(change),
      repeat: () => (access.phase === "closed" ? this.open() : this.parts.pacing.change({ viewport: true })),
    };
    const pacing = new Pacing(world, target, sender.limits.messagesPerSecond);
    const notify = () => this.notify();
    const open = () => this.open();
    this.parts = { store: this.store, access, delivery, requests, pacing, sender, open, notify };
  }

  get frames(): FrameBook {
    return this.parts.delivery.frames;
  }

  get pieces(): PieceStore {
    return this.parts.delivery.pieces;
  }

  /** Final frames that are not on screen yet. */
  get unshown(): number {
    return this.parts.delivery.unshown;
  }

  get serverLimits(): ServerLimits {
    return this.parts.sender.limits;
  }

  /** Calls back when there is something new to draw. Returns a function that stops it. */
  onPicture(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  resize(size: Pixels): void {
    if (!this.parts.sender.resize(size)) return;
    if (this.parts.access.phase === "closed") this.open();
    else this.parts.pacing.change({ viewport: true });
  }

  /** The extent asked for, of the axes asked for; null: what the view opens with. */
  get asked(): Extent | null {
    return this.parts.requests.asked;
  }

  /** Shows another part of what is on screen; ignored while other axes are on their way. */
  move(viewport: Extent): void {
    if (!this.parts.requests.isTurning(this.store.getState())) this.show(viewport);
  }

  /** Shows a part of the axes asked for; null: what the view opens with. */
  show(extent: Extent | null): void {
    const { requests, pacing } = this.parts;
    if (extent && !isValid(extent)) return;
    requests.aim(extent);
    if (extent && !requests.isTurning(this.store.getState())) this.store.setState({ viewport: extent });
    pacing.change({ viewport: true });
    this.notify();
  }

  setMoving(moving: boolean): void {
    if (this.store.getState().moving === moving) return;
    this.store.setState({ moving });
    this.parts.pacing.plan();
    this.notify();
  }

  /** Back to the start: what the view opened with. */
  reset(): void {
    const { home } = this.store.getState();
    if (this.parts.requests.isTurning(this.store.getState())) return;
    this.show(home);
  }

  /** `extent`: to be shown with them; null: what the view opens with. */
  setOptions(options: JsonObject, extent?: Extent | null): void {
    const { access, requests, pacing } = this.parts;
    const { kind, options: before } = this.store.getState();
    const wish = { kind, options };
    requests.change({ kind, options: before }, wish, extent);
    this.store.setState({ options, error: null });
    if (extent && !requests.isTurning(wish)) this.store.setState({ viewport: extent });
    if (access.phase === "refused") this.open();
    else pacing.change({ options: true, viewport: true });
  }

  /** Opens again with other options and the whole data, after a link was refused. */
  startOver(options: JsonObject): void {
    this.parts.requests.insist();
    this.parts.requests.aim(null);
    this.store.setState({ options, viewport: null, error: null });
    this.open();
  }

  /** Another kind is another view; the old picture stays until the new one is whole. */
  setKind(kind: string, options: JsonObject, viewport: Extent | null = null): void {
    const { picture } = this.store.getState();
    this.parts.sender.leave();
    this.parts.requests.insist();
    this.parts.requests.aim(viewport);
    this.store.setState({ kind, options, error: null, ...(!picture && { viewport }) });
    this.open();
  }

  /** Leaves the pinned version for the newest. */
  refresh(): void {
    this.parts.access.unpin();
    this.store.setState({ newVersion: null, error: null });
    this.parts.sender.leave();
    this.open();
  }

  retry(): void {
    this.store.setState({ error: null });
    this.parts.requests.insist();
    if (this.parts.access.isKnown) this.parts.pacing.change({ options: true, viewport: true });
    else this.open();
  }

  handleLink(link: LinkState): void {
    this.store.setState({ link });
    if (!this.parts.access.linkChanged(link.state)) return;
    // What was asked while the link stood still goes out once, whole.
    if (this.isOpenDue) this.open();
    else this.parts.pacing.plan();
  }

  handle(message: ServerMessage): void {
    if (message.type === "welcome") this.welcome(message.limits);
    else if (message.type !== "pong" && message.type !== "rows") receive(this.parts, message);
  }

  /** Asks for rows behind the picture; false while the view takes no requests. */
  pick(pickId: number, ask: RowsAsk): boolean {
    return this.parts.sender.pick(pickId, ask);
  }

  /** The draw loop has painted every frame received so far: acknowledges them. */
  drawn(): void {
    this.parts.sender.acknowledge();
  }

  close(): void {
    this.parts.pacing.stop();
    this.listeners.clear();
    this.parts.delivery.clear();
  }

  private welcome(limits: ServerLimits): void {
    const { access, pacing, sender } = this.parts;
    sender.limit(limits);
    pacing.limit(limits.messagesPerSecond);
    access.welcomed();
    this.open();
  }

  private open(): void {
    this.isOpenDue = !this.parts.sender.open();
    if (!this.isOpenDue) this.parts.pacing.opening();
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}
