/**
 * The socket to the gateway: authenticates, keeps alive, and comes back by itself.
 * Runs in a Worker; socket, clock and randomness are passed in, so tests need none of them.
 */
import type { Rgb } from "../../model/piece.ts";
import { backoff } from "../backoff.ts";
import { afterClose } from "./closes.ts";
import { decodeServer, encodeClient } from "./codec.ts";
import type { ClientMessage, FromWorker, LinkState, ServerMessage } from "./messages.ts";
import { Pulse } from "./pulse.ts";

export const SUBPROTOCOL = "halftone.v1.proto";
const WELCOME_WITHIN_MS = 10_000;
/** After this many refusals in a row, more tokens do not help. */
const REFUSALS = 4;

/** The parts of WebSocket that are used. */
export type SocketLike = Pick<
  WebSocket,
  "binaryType" | "onopen" | "onmessage" | "onclose" | "send" | "close"
>;

export interface SocketWorld {
  url: string;
  palette: readonly Rgb[];
  open: (url: string, protocol: string) => SocketLike;
  emit: (event: FromWorker) => void;
  now: () => number;
  random: () => number;
  /** Returns a function that cancels. */
  after: (ms: number, run: () => void) => () => void;
  online: () => boolean;
}

export class FrameSocket {
  private readonly world: SocketWorld;
  private readonly pulse: Pulse;
  private socket: SocketLike | null = null;
  private token = "";
  private live = false;
  private attempt = 0;
  private refusals = 0;
  private retryAfterMs = 0;
  private stopped = false;
  private cancelTimer: () => void = () => undefined;

  constructor(world: SocketWorld) {
    this.world = world;
    this.pulse = new Pulse({
      now: world.now,
      after: world.after,
      ping: () => this.transmit({ type: "ping" }),
      onStalled: () => this.link({ state: "stalled" }),
      onMoving: () => this.link({ state: "live" }),
      onDead: () => this.abandon(),
    });
  }

  start(): void {
    this.stopped = false;
    this.link({ state: "connecting" });
    this.world.emit({ type: "need-token", refused: false });
  }

  /** A token from the page: opens the socket, or refreshes the one that is open. */
  useToken(token: string): void {
    this.token = token;
    if (this.stopped) return;
    if (!this.socket) this.connect();
    else if (this.live) this.transmit({ type: "auth", token });
  }

  /** False when the message was not sent: the page reopens its views after the next welcome. */
  send(message: ClientMessage): boolean {
    if (!this.live) return false;
    this.transmit(message);
    if (message.type === "open" || message.type === "set") this.pulse.asked();
    return true;
  }

  /** Connects now instead of after the backoff. */
  retry(): void {
    if (this.live || this.socket) return;
    this.attempt = 0;
    this.refusals = 0;
    this.cancelTimer();
    this.start();
  }

  /** Ends a socket whose network is gone, without waiting for its close event. */
  abandon(): void {
    const { socket } = this;
    if (!socket) return;
    this.forget(socket);
    socket.close();
    this.handleClose(1006);
  }

  private connect(): void {
    this.cancelTimer();
    this.link({ state: "connecting" });
    const socket = this.world.open(this.world.url, SUBPROTOCOL);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.transmit({ type: "auth", token: this.token });
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = (event) => {
      this.forget(socket);
      this.handleClose(event.code);
    };
    this.cancelTimer = this.world.after(WELCOME_WITHIN_MS, () => {
      if (!this.live) this.abandon();
    });
  }

  private forget(socket: SocketLike): void {
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    this.socket = null;
    this.live = false;
    this.cancelTimer();
    this.pulse.stop();
  }

  private receive(data: unknown): void {
    this.pulse.received();
    if (!(data instanceof ArrayBuffer)) return;
    let message: ServerMessage | null;
    try {
      message = decodeServer(new Uint8Array(data), this.world.palette);
    } catch {
      // Bytes of another protocol, or a cut message: reconnect to a known state.
      this.abandon();
      return;
    }
    if (message) this.handle(message);
  }

  private handle(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        // A renewed token is answered by a welcome too; only the first one opens the views.
        if (this.live) return;
        this.live = true;
        this.attempt = 0;
        this.refusals = 0;
        this.link({ state: "live" });
        this.cancelTimer();
        this.pulse.start();
        break;
      case "notice":
        if (message.notice === "reauth_soon") this.world.emit({ type: "need-token", refused: false });
        if (message.notice === "draining") this.retryAfterMs = message.reconnectAfterMs;
        break;
      case "error":
        this.retryAfterMs = message.retryAfterMs;
        break;
      case "pong":
        this.pulse.ponged();
        return;
    }
    this.world.emit({ type: "message", message });
  }

  private handleClose(code: number): void {
    const after = afterClose(code);
    switch (after.action) {
      case "stop":
        this.stop(after.reason);
        break;
      case "renew-token":
        this.refusals += 1;
        if (this.refusals >= REFUSALS) this.stop("The sign-in is no longer accepted. Sign in again.");
        else this.waitThen(this.refusals === 1 ? 0 : this.nextDelay(), true);
        break;
      case "wait":
        this.waitThen(Math.max(this.retryAfterMs, this.nextDelay()), false);
        break;
      case "retry":
        this.waitThen(this.retryAfterMs + this.nextDelay(), false);
        break;
    }
    this.retryAfterMs = 0;
  }

  private nextDelay(): number {
    const delay = backoff(this.attempt, this.world.random);
    this.attempt += 1;
    return delay;
  }

  private waitThen(delay: number, refused: boolean): void {
    const state = this.world.online() ? "waiting" : "offline";
    this.link(state === "offline" ? { state } : { state, retryAt: this.world.now() + delay });
    this.cancelTimer = this.world.after(delay, () => this.world.emit({ type: "need-token", refused }));
  }

  private stop(reason: string): void {
    this.stopped = true;
    this.cancelTimer();
    this.link({ state: "stopped", reason });
  }

  private transmit(message: ClientMessage): void {
    this.socket?.send(encodeClient(message));
  }

  private link(link: LinkState): void {
    this.world.emit({ type: "link", link });
  }
}
