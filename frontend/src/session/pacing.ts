/**
 * When the next request is sent: before a paint, with the newest of everything, and never faster than the server takes
 * messages.
 *
 * | stage     | event                        | next                                                     |
 * |-----------|------------------------------|----------------------------------------------------------|
 * | idle      | a change                     | scheduled; waiting while the last request is too recent  |
 * | waiting   | a change, the gesture's end  | as from idle, reckoned anew                              |
 * | waiting   | the wait is over             | as from idle                                             |
 * | scheduled | before the paint             | idle; one request goes out if the view takes requests    |
 *
 * Beside the stages one retry may be due: an error that passes sets it, and the next request or open cancels it.
 */
import { backoff } from "../net/backoff.ts";
import type { SessionWorld } from "./state.ts";

export interface Change {
  readonly options: boolean;
  readonly viewport: boolean;
}

export interface PacingTarget {
  /** The view takes requests. */
  isReady: () => boolean;
  /** A gesture lasts, and the last request has no final frame yet. */
  isAwaiting: () => boolean;
  send: (change: Change) => void;
  /** Repeats the last request. */
  repeat: () => void;
}

type Clock = Pick<SessionWorld, "now" | "after" | "beforePaint" | "random">;

/**
 * While moving, the frame of the last request is awaited this long: another request cancels it, and a long
 * gesture would get no new cells.
 */
const PATIENCE_MS = 120;
/** Share of the server's rate that requests use; the rest is for `shown` and `drop`. */
const RATE_SHARE = 5 / 6;
const NO_CHANGE: Change = { options: false, viewport: false };

export class Pacing {
  private readonly clock: Clock;
  private readonly target: PacingTarget;
  private spacingMs: number;
  private stage: "idle" | "waiting" | "scheduled" = "idle";
  private due: Change = NO_CHANGE;
  private sentAt = Number.NEGATIVE_INFINITY;
  private failed = 0;
  private cancelWait: () => void = () => undefined;
  private cancelRetry: () => void = () => undefined;

  constructor(clock: Clock, target: PacingTarget, messagesPerSecond: number) {
    this.clock = clock;
    this.target = target;
    this.spacingMs = spacingOf(messagesPerSecond);
  }

  /** Errors in a row that passed by themselves. */
  get failures(): number {
    return this.failed;
  }

  limit(messagesPerSecond: number): void {
    this.spacingMs = spacingOf(messagesPerSecond);
  }

  change({ options = false, viewport = false }: Partial<Change>): void {
    this.due = { options: this.due.options || options, viewport: this.due.viewport || viewport };
    this.plan();
  }

  /** Looks again at what is due: a gesture has ended, or a frame is here. */
  plan(): void {
    if (this.stage === "scheduled" || (!this.due.options && !this.due.viewport)) return;
    const gap = this.target.isAwaiting() ? PATIENCE_MS : this.spacingMs;
    const wait = this.sentAt + gap - this.clock.now();
    this.cancelWait();
    this.stage = wait > 0 ? "waiting" : "scheduled";
    if (wait > 0) this.cancelWait = this.clock.after(wait, () => this.plan());
    else this.clock.beforePaint(() => this.flush());
  }

  /** An open holds the whole state: nothing is due, and nothing is repeated. */
  opening(): void {
    this.cancelRetry();
    this.due = NO_CHANGE;
  }

  /** Repeats the last request after a back-off, `leastMs` at least. */
  retry(leastMs: number): void {
    const delay = Math.max(leastMs, backoff(this.failed, this.clock.random));
    this.failed += 1;
    this.cancelRetry();
    this.cancelRetry = this.clock.after(delay, () => this.target.repeat());
  }

  answered(): void {
    this.failed = 0;
  }

  stop(): void {
    this.cancelRetry();
    this.cancelWait();
  }

  private flush(): void {
    this.stage = "idle";
    const { due } = this;
    if (!this.target.isReady()) return;
    this.due = NO_CHANGE;
    if (!due.options && !due.viewport) return;
    this.cancelRetry();
    this.sentAt = this.clock.now();
    this.target.send(due);
  }
}

function spacingOf(messagesPerSecond: number): number {
  return 1000 / (messagesPerSecond * RATE_SHARE);
}
