/**
 * Whether the other end still answers: a ping after what is asked, because a picture may take long to make, a pong not.
 *
 * | state   | event                                        | next    | effect             |
 * |---------|----------------------------------------------|---------|--------------------|
 * | quiet   | something is asked                           | waiting | ping, after a gap  |
 * | waiting | pong                                         | quiet   |                    |
 * | waiting | nothing has come for `STALLED_MS`            | stalled | `onStalled`        |
 * | stalled | anything comes                               | waiting | `onMoving`         |
 * | stalled | nothing has come for `DEAD_MS`               | quiet   | `onDead`           |
 */
const PING_EVERY_MS = 15_000;
/** Pings count against the rate of the server. */
const PING_GAP_MS = 500;
/** With the gap less than three seconds. */
const STALLED_MS = 2_300;
const DEAD_MS = 15_000;

export interface PulseWorld {
  readonly now: () => number;
  /** Returns a function that cancels. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly ping: () => void;
  readonly onStalled: () => void;
  readonly onMoving: () => void;
  readonly onDead: () => void;
}

export class Pulse {
  private readonly world: PulseWorld;
  private state: "quiet" | "waiting" | "stalled" = "quiet";
  private pingedAt = Number.NEGATIVE_INFINITY;
  private receivedAt = Number.NEGATIVE_INFINITY;
  private cancelIdle: () => void = () => undefined;
  private cancelNext: () => void = () => undefined;

  constructor(world: PulseWorld) {
    this.world = world;
  }

  /** The link is live: asks from time to time, also without a reason. */
  start(): void {
    this.cancelIdle = this.world.after(PING_EVERY_MS, () => {
      this.asked();
      this.start();
    });
  }

  stop(): void {
    this.cancelIdle();
    this.cancelNext();
    this.state = "quiet";
  }

  /** Something was sent that is to be answered. */
  asked(): void {
    if (this.state !== "quiet") return;
    this.state = "waiting";
    const wait = this.pingedAt + PING_GAP_MS - this.world.now();
    if (wait > 0) this.cancelNext = this.world.after(wait, () => this.ping());
    else this.ping();
  }

  received(): void {
    this.receivedAt = this.world.now();
    if (this.state !== "stalled") return;
    this.state = "waiting";
    this.world.onMoving();
    this.watch();
  }

  ponged(): void {
    this.cancelNext();
    this.state = "quiet";
  }

  private ping(): void {
    this.pingedAt = this.world.now();
    this.world.ping();
    this.watch();
  }

  /** Looks again when the silence may have become long. */
  private watch(): void {
    this.cancelNext();
    const limit = this.state === "stalled" ? DEAD_MS : STALLED_MS;
    const left = Math.max(this.receivedAt, this.pingedAt) + limit - this.world.now();
    if (left > 0) this.cancelNext = this.world.after(left, () => this.watch());
    else this.judge();
  }

  private judge(): void {
    if (this.state === "stalled") {
      this.stop();
      this.world.onDead();
      return;
    }
    this.state = "stalled";
    this.world.onStalled();
    this.watch();
  }
}
