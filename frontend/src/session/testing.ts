/** Messages for tests. */
import { axesOf, ROWS } from "../model/testing.ts";
import type { FrameMessage } from "../net/socket/messages.ts";

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
    ...frame,
  };
}
