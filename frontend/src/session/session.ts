/**
 * One open view: what is wanted, what is on screen and what travels between them.
 * Frames stay outside the store; React binds to the store, the draw loop to `onPicture`.
 */
import type { JsonObject } from "@bufbuild/protobuf";
import { createStore, type StoreApi } from "zustand/vanilla";
import { axisOptions } from "../model/quantity.ts";
import { type Extent, isValid, padded } from "../model/viewport.ts";
import { backoff } from "../net/backoff.ts";
import type {
  FrameMessage,
  LinkState,
  Opened,
  Pixels,
  ServerError,
  ServerMessage,
  WireViewport,
} from "../net/socket/messages.ts";
import { FrameBook } from "./frames.ts";
import { fullPatch, OptionLedger, withoutNulls } from "./option-ledger.ts";
import { PieceStore } from "./piece-store.ts";
import { fastAgain, noticed, type SessionState, type SessionWorld, type Start, startState } from "./state.ts";
import { TRANSIENT } from "./transient.ts";

const PIECE_BYTES = 192 * 2 ** 20;
/** 16 bytes each must fit a 64 KiB message. */
const IDS_PER_MESSAGE = 2048;
/** 50 messages a second at most, below the server's 60. */
const SPACING_MS = 20;
const PATIENCE_MS = 120;
/** The server shows the whole data with this margin on each side; here it is the guess until a frame says it exactly. */
const HOME_MARGIN = 0.02;

const NO_ERROR = { type: "error", field: "", requestId: "", retryAfterMs: 0 } as const;

type Phase = "closed" | "opening" | "open" | "refused";

export class ExploreSession {
  readonly store: StoreApi<SessionState>;
  readonly pieces = new PieceStore(PIECE_BYTES);
  readonly frames = new FrameBook();
  private readonly world: SessionWorld;
  private readonly listeners = new Set<() => void>();
  private ledger: OptionLedger;
  private phase: Phase = "closed";
  private viewId = 1;
  private seq = 0;
  private size: Pixels | null = null;
  private versionId = "";
  private resetting = false;
  private dirty: { options: boolean; viewport: boolean } = { options: false, viewport: false };
  private sentAt = Number.NEGATIVE_INFINITY;
  private scheduled = false;
  /** Whole pictures that the draw loop has not put on screen yet. */
  unshown: { viewId: number; seq: number }[] = [];
  private failures = 0;
  private cancelRetry: () => void = () => undefined;
  private cancelPlan: () => void = () => undefined;

  constructor(world: SessionWorld, initial: Start) {
    this.world = world;
    this.ledger = new OptionLedger(initial.options, 0);
    this.store = createStore<SessionState>(() => startState(initial));
  }

  /** Calls back when there is something new to draw. Returns a function that stops it. */
  onPicture(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  // ---- what the person does ----

  resize(size: Pixels): void {
    if (this.size && size.width === this.size.width && size.height === this.size.height) return;
    this.size = size;
    if (this.phase === "closed") this.open();
    else this.ask({ viewport: true });
  }

  /** Shows another part. While the axes themselves change there is nothing sensible to move. */
  move(viewport: Extent): void {
    if (this.resetting || !isValid(viewport)) return;
    this.store.setState({ viewport });
    this.ask({ viewport: true });
    this.notify();
  }

  setMoving(moving: boolean): void {
    if (this.store.getState().moving === moving) return;
    this.store.setState({ moving });
    this.plan();
    this.notify();
  }

  /** Back to the whole data. */
  reset(): void {
    const { home } = this.store.getState();
    if (home) this.move(home);
  }

  setOptions(options: JsonObject, viewport?: Extent): void {
    const before = this.ledger.current;
    const { kind, axes, picture } = this.store.getState();
    const shown = picture?.viewId === this.viewId ? picture.axes : axes;
    const ofAxes = axisOptions(this.world.optionNames(kind), before, shown);
    const newAxes = ofAxes.some((name) => (options[name] ?? null) !== (before[name] ?? null));
    this.store.setState({ options, error: null });
    if (this.phase === "refused") {
      this.open();
      return;
    }
    if (newAxes) this.resetting = viewport === undefined;
    if (viewport) this.store.setState({ viewport });
    this.ask({ options: true, viewport: newAxes || viewport !== undefined });
  }

  /** Opens anew with other options and everything in view: what a link asked for was refused. */
  startOver(options: JsonObject): void {
    this.store.setState({ options, viewport: null, error: null });
    this.open();
  }

  /** Another kind is another view; the old picture stays until the new one is whole. */
  setKind(kind: string, options: JsonObject, viewport: Extent | null = null): void {
    this.leaveView();
    this.resetting = viewport === null;
    this.store.setState({ kind, options, error: null, ...(viewport && { viewport }) });
    this.open();
  }

  /** Leaves the pinned version for the newest. */
  refresh(): void {
    this.versionId = "";
    this.store.setState({ newVersion: null, error: null });
    this.leaveView();
    this.open();
  }

  retry(): void {
    this.store.setState({ error: null });
    if (this.phase === "refused" || this.phase === "closed") this.open();
    else this.ask({ viewport: true });
  }

  // ---- what the connection reports ----

  handleLink(link: LinkState): void {
    this.store.setState({ link });
    if (link.state !== "live" && this.phase !== "refused") this.phase = "closed";
  }

  handle(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        if (this.phase !== "refused") this.phase = "closed";
        this.open();
        break;
      case "opened":
        this.handleOpened(message);
        break;
      case "frame":
        this.handleFrame(message);
        break;
      case "error":
        this.handleError(message);
        break;
      case "closed":
        if (message.viewId === this.viewId) this.handleClosed(message.code);
        break;
      case "notice":
        this.store.setState(noticed(message, this.viewId));
        break;
    }
  }

  /** The draw loop has put everything known so far on screen: gives the credits back. */
  drawn(): void {
    for (const { viewId, seq } of this.unshown) this.world.send({ type: "shown", viewId, seq });
    this.unshown = [];
  }

  close(): void {
    this.cancelRetry();
    this.cancelPlan();
    this.listeners.clear();
    this.pieces.clear();
  }

  // ---- sending ----

  private leaveView(): void {
    const known = this.phase === "open" || this.phase === "opening";
    if (known) this.world.send({ type: "close", viewId: this.viewId });
    this.viewId += 1;
    this.phase = "closed";
  }

  private open(): void {
    const state = this.store.getState();
    if (!this.size || state.link.state !== "live") return;
    this.cancelRetry();
    const seq = this.nextSeq();
    this.phase = "opening";
    this.resetting ||= state.viewport === null;
    this.dirty = { options: false, viewport: false };
    this.ledger = new OptionLedger(state.options, seq);
    this.world.send({
      type: "open",
      viewId: this.viewId,
      seq,
      dataset: this.world.dataset,
      kind: state.kind,
      options: state.options,
      viewport: this.wireViewport(),
      held: this.pieces.held().slice(-IDS_PER_MESSAGE),
      versionId: this.versionId,
    });
  }

  private ask(change: { options?: boolean; viewport?: boolean }): void {
    this.dirty.options ||= change.options ?? false;
    this.dirty.viewport ||= change.viewport ?? false;
    this.plan();
  }

  /**
   * Sends before the next paint. While moving, the answer to the last question is awaited for a while first: asking
   * again cancels it, and a long gesture would see no new cells at all.
   */
  private plan(): void {
    if (this.scheduled || (!this.dirty.options && !this.dirty.viewport)) return;
    const { moving, pending } = this.store.getState();
    const wait = this.sentAt + (moving && pending ? PATIENCE_MS : SPACING_MS) - this.world.now();
    this.cancelPlan();
    if (wait > 0) {
      this.cancelPlan = this.world.after(wait, () => this.plan());
      return;
    }
    this.scheduled = true;
    this.world.beforePaint(() => this.flush());
  }

  /** At most one message per painted frame, with the newest of everything. */
  private flush(): void {
    this.scheduled = false;
    const { dirty } = this;
    if ((this.phase !== "open" && this.phase !== "opening") || !this.size) return;
    this.dirty = { options: false, viewport: false };
    if (!dirty.options && !dirty.viewport) return;
    this.cancelRetry();
    const seq = this.nextSeq();
    const { options } = this.store.getState();
    const patch = dirty.options ? fullPatch(this.ledger.current, options) : null;
    if (dirty.options) this.ledger.add(seq, options);
    this.sentAt = this.world.now();
    this.world.send({
      type: "set",
      viewId: this.viewId,
      seq,
      options: patch,
      viewport: dirty.viewport ? this.wireViewport() : null,
    });
  }

  private nextSeq(): number {
    this.seq += 1;
    this.store.setState((state) => ({
      pending: { seq: this.seq, since: state.pending?.since ?? this.world.now() },
      progress: null,
    }));
    return this.seq;
  }

  private wireViewport(): WireViewport {
    const { kind, viewport } = this.store.getState();
    const size = this.world.requestSize(kind, this.size ?? { width: 1, height: 1 });
    return { ...size, extent: this.resetting ? null : viewport };
  }

  // ---- receiving ----

  private handleOpened(opened: Opened): void {
    if (opened.viewId !== this.viewId) return;
    if (this.phase === "opening") this.phase = "open";
    this.versionId = opened.version.id;
    const options = withoutNulls(opened.options);
    this.ledger.fill(options);
    const home = padded(opened.extent, HOME_MARGIN);
    this.store.setState((state) => ({
      version: opened.version,
      columns: opened.columns,
      axes: opened.axes,
      home,
      viewport: state.viewport ?? home,
      options: state.pending?.seq === opened.seq ? options : state.options,
    }));
    this.notify();
  }

  private handleFrame(frame: FrameMessage): void {
    for (const piece of frame.pieces) this.pieces.add(piece);
    if (frame.viewId !== this.viewId) return;
    const made = { kind: this.store.getState().kind, options: this.ledger.at(frame.seq) };
    const verdict = this.frames.accept(frame, made);
    if (frame.status !== "partial") this.unshown.push({ viewId: frame.viewId, seq: frame.seq });
    if (verdict === "late") {
      this.notify();
      return;
    }
    this.pieces.settle(this.frames.inUse());
    const missing = frame.reuse.filter((id) => !this.pieces.touch(id));
    if (missing.length > 0) this.recover(missing);
    if (verdict === "final") this.handleFinal(frame);
    else this.handlePartial(frame);
    this.notify();
  }

  private handlePartial(frame: FrameMessage): void {
    const total = frame.receipt?.piecesTotal ?? 0;
    const arrived = this.frames.incoming?.ids.size ?? 0;
    if (total > 0) this.store.setState({ progress: Math.min(1, arrived / total) });
  }

  private handleFinal(frame: FrameMessage): void {
    this.ledger.settle(frame.seq);
    this.failures = 0;
    const extent = frame.viewport?.extent ?? null;
    const reset = this.resetting && extent !== null;
    if (reset) this.resetting = false;
    this.store.setState((state) => ({
      picture: this.frames.picture,
      ...fastAgain(frame.receipt),
      error: state.error && state.error.seq > frame.seq ? state.error : null,
      ...(reset && { viewport: extent, home: extent }),
      ...(state.pending && state.pending.seq <= frame.seq && { pending: null, progress: null }),
    }));
    const leaving = this.pieces.evict(this.frames.inUse());
    this.drop(leaving);
    this.plan();
  }

  /** The server counts on pieces that are no longer here: say so, and ask again. */
  private recover(missing: readonly string[]): void {
    this.drop(missing);
    this.ask({ viewport: true });
  }

  private drop(ids: readonly string[]): void {
    for (let i = 0; i < ids.length; i += IDS_PER_MESSAGE) {
      this.world.send({ type: "drop", viewId: this.viewId, pieceIds: ids.slice(i, i + IDS_PER_MESSAGE) });
    }
  }

  private handleError(error: ServerError): void {
    if (error.code === "cancelled" || (error.viewId !== 0 && error.viewId !== this.viewId)) return;
    const { pending } = this.store.getState();
    const answersOpen = this.phase === "opening" && error.viewId === this.viewId;
    const refusedOptions = this.ledger.refuse(error.seq);
    if (refusedOptions) this.resetting = false;
    const retried = TRANSIENT.has(error.code);
    if (answersOpen) this.phase = retried ? "closed" : "refused";
    if (!retried || !pending) {
      this.store.setState({ error, ...(pending && error.seq >= pending.seq && { pending: null }) });
      this.notify();
      return;
    }
    if (error.seq === 0 || error.seq >= pending.seq) this.retryLater(error);
  }

  private retryLater(error: ServerError): void {
    const delay = Math.max(error.retryAfterMs, backoff(this.failures, this.world.random));
    this.failures += 1;
    // One hiccup is not worth a red mark; a second in a row is.
    if (this.failures > 1) this.store.setState({ error });
    this.cancelRetry();
    this.cancelRetry = this.world.after(delay, () => {
      if (this.phase === "closed") this.open();
      else this.ask({ viewport: true, options: this.dirty.options });
    });
  }

  private handleClosed(code: string): void {
    this.phase = "refused";
    const detail = "The server has ended this view.";
    const known = this.store.getState().error;
    this.store.setState({
      pending: null,
      error: known ?? { ...NO_ERROR, code, detail, viewId: this.viewId, seq: this.seq },
    });
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}
