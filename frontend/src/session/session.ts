/**
 * One open view: Access decides whether it takes requests, Pacing when they go out, ViewRequests what they hold;
 * Delivery keeps what arrives.
 * Frames stay outside the store; React binds to the store, the draw loop to `onPicture`.
 */
import type { JsonObject } from "@bufbuild/protobuf";
import { createStore, type StoreApi } from "zustand/vanilla";
import { axisOptions } from "../model/quantity.ts";
import { type Extent, isValid } from "../model/viewport.ts";
import type { ServerLimits } from "../net/socket/limits.ts";
import type { LinkState, Pixels, ServerMessage } from "../net/socket/messages.ts";
import { Access } from "./access.ts";
import { Delivery } from "./delivery.ts";
import type { FrameBook } from "./frames.ts";
import { type Change, Pacing } from "./pacing.ts";
import type { PieceStore } from "./piece-store.ts";
import { receive, type SessionParts } from "./receiver.ts";
import { ViewRequests } from "./requests.ts";
import { Sender } from "./sender.ts";
import { axesNow, type SessionState, type SessionWorld, type Start, startState } from "./state.ts";

export class ExploreSession {
  readonly store: StoreApi<SessionState>;
  private readonly world: SessionWorld;
  private readonly listeners = new Set<() => void>();
  private readonly parts: SessionParts;

  constructor(world: SessionWorld, initial: Start) {
    this.world = world;
    this.store = createStore<SessionState>(() => startState(initial));
    const access = new Access();
    const delivery = new Delivery();
    const requests = new ViewRequests(initial.options);
    const sender = new Sender({ world, store: this.store, access, requests, delivery });
    const target = {
      isReady: () => sender.isReady,
      isAwaiting: () => this.store.getState().moving && this.store.getState().pending !== null,
      send: (change: Change) => sender.set(change),
      repeat: () => (access.phase === "closed" ? this.open() : this.parts.pacing.change({ viewport: true })),
    };
    const pacing = new Pacing(world, target, sender.limits.messagesPerSecond);
    const notify = () => this.notify();
    this.parts = { store: this.store, access, delivery, requests, pacing, sender, notify };
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

  /** Shows another part; ignored while the axes themselves change. */
  move(viewport: Extent): void {
    if (this.parts.requests.isResetting || !isValid(viewport)) return;
    this.store.setState({ viewport });
    this.parts.pacing.change({ viewport: true });
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
    if (home) this.move(home);
  }

  setOptions(options: JsonObject, viewport?: Extent): void {
    const { access, requests, pacing } = this.parts;
    const state = this.store.getState();
    const before = requests.options;
    const names = axisOptions(this.world.optionNames(state.kind), before, axesNow(state, access.viewId));
    const newAxes = names.some((name) => (options[name] ?? null) !== (before[name] ?? null));
    this.store.setState({ options, error: null });
    if (access.phase === "refused") {
      this.open();
      return;
    }
    if (newAxes) requests.reset(viewport === undefined);
    if (viewport) this.store.setState({ viewport });
    pacing.change({ options: true, viewport: newAxes || viewport !== undefined });
  }

  /** Opens again with other options and the whole data, after a link was refused. */
  startOver(options: JsonObject): void {
    this.store.setState({ options, viewport: null, error: null });
    this.open();
  }

  /** Another kind is another view; the old picture stays until the new one is whole. */
  setKind(kind: string, options: JsonObject, viewport: Extent | null = null): void {
    this.parts.sender.leave();
    this.parts.requests.reset(viewport === null);
    this.store.setState({ kind, options, error: null, ...(viewport && { viewport }) });
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
    if (this.parts.access.isKnown) this.parts.pacing.change({ viewport: true });
    else this.open();
  }

  handleLink(link: LinkState): void {
    this.store.setState({ link });
    this.parts.access.linkChanged(link.state === "live");
  }

  handle(message: ServerMessage): void {
    if (message.type === "welcome") this.welcome(message.limits);
    else if (message.type !== "pong") receive(this.parts, message);
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
    if (this.parts.sender.open()) this.parts.pacing.opening();
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}
