/** Messages, and what is around a session, for tests. */
import { axesOf, ROWS } from "../model/testing.ts";
import type { ServerLimits } from "../net/socket/limits.ts";
import type { ClientMessage, FrameMessage, Pixels } from "../net/socket/messages.ts";

export function frameOf(seq: number, frame: Partial<FrameMessage> = {}): FrameMessage {
  return {
    type: "frame",
    viewId: 1,
    seq,
    status: "exact",
    pieces: [],
    reuse: [],
    receipt: null,
    quantity: ROWS,
    axes: axesOf("date", "delay"),
    viewport: { width: 100, height: 50, extent: { x0: 0, x1: 2, y0: 0, y1: 1 } },
    progress: 0,
    ...frame,
  };
}

/** A clock that stands still, and what a session sends. */
export class World {
  readonly sent: ClientMessage[] = [];
  readonly timers: { at: number; run: () => void }[] = [];
  readonly paints: (() => void)[] = [];
  time = 0;
  readonly dataset = "flights";
  readonly send = (message: ClientMessage) => void this.sent.push(message);
  readonly beforePaint = (run: () => void) => void this.paints.push(run);
  readonly after = (ms: number, run: () => void) => {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => void this.timers.splice(this.timers.indexOf(timer) >>> 0, 1);
  };
  readonly now = () => this.time;
  readonly random = () => 0.5;
  readonly optionNames = () => ["x", "y", "reduction", "value", "x_scale"];
  readonly scaleOptions = () => ({ x_scale: "linear" });
  readonly requestSize = (_kind: string, size: Pixels, { sidePixels }: ServerLimits) => ({
    width: Math.min(size.width, sidePixels),
    height: Math.min(size.height, sidePixels),
  });

  /** Lets time pass, then paints. */
  pass(ms: number): void {
    this.time += ms;
    for (const timer of this.timers.filter(({ at }) => at <= this.time)) {
      this.timers.splice(this.timers.indexOf(timer), 1);
      timer.run();
    }
    for (const run of this.paints.splice(0)) run();
  }

  last<T extends ClientMessage["type"]>(type: T): Extract<ClientMessage, { type: T }> | undefined {
    return this.sent.findLast(
      (message): message is Extract<ClientMessage, { type: T }> => message.type === type,
    );
  }

  count(type: ClientMessage["type"]): number {
    return this.sent.filter((message) => message.type === type).length;
  }
}
