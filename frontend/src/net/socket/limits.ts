/** Limits that the server states in `welcome`, and those that hold until then. */
import type { Limits } from "../../gen/halftone/v1/session_pb.ts";

export interface ServerLimits {
  readonly messageBytes: number;
  readonly messagesPerSecond: number;
  /** Open views of a socket. */
  readonly views: number;
  /** Width and height of a viewport. */
  readonly sidePixels: number;
  /** Width times height of a viewport. */
  readonly picturePixels: number;
  /** Final frames that the server sends ahead of `shown`. */
  readonly unshownFrames: number;
}

/** The server's defaults. */
export const START_LIMITS: ServerLimits = {
  messageBytes: 65_536,
  messagesPerSecond: 60,
  views: 64,
  sidePixels: 4096,
  picturePixels: 8_388_608,
  unshownFrames: 2,
};

/** A limit that the message leaves out keeps its start value. */
export function plainLimits(limits: Limits | undefined): ServerLimits {
  if (!limits) return START_LIMITS;
  return {
    messageBytes: limits.messageBytes || START_LIMITS.messageBytes,
    messagesPerSecond: limits.messagesPerSecond || START_LIMITS.messagesPerSecond,
    views: limits.views || START_LIMITS.views,
    sidePixels: limits.sidePixels || START_LIMITS.sidePixels,
    picturePixels: limits.picturePixels || START_LIMITS.picturePixels,
    unshownFrames: limits.unshownFrames || START_LIMITS.unshownFrames,
  };
}
