/** What a session tells, and what it needs from around it. */
import type { JsonObject } from "@bufbuild/protobuf";
import type { ViewAxes } from "../model/quantity.ts";
import type { Extent } from "../model/viewport.ts";
import type {
  ClientMessage,
  ColumnInfo,
  LinkState,
  NoticeMessage,
  Pixels,
  ReceiptInfo,
  ServerError,
  VersionInfo,
} from "../net/socket/messages.ts";
import type { Picture } from "./frames.ts";

export interface SessionState {
  link: LinkState;
  /** What the person asks for; the picture says what is shown. */
  kind: string;
  options: JsonObject;
  /** Null until the data's own extent is known. */
  viewport: Extent | null;
  moving: boolean;
  version: VersionInfo | null;
  columns: readonly ColumnInfo[];
  /** Of the view as it was opened; those of what is on screen are the picture's. */
  axes: ViewAxes | null;
  /** What "show everything" shows. */
  home: Extent | null;
  picture: Picture | null;
  /** The newest question without a final answer. */
  pending: { seq: number; since: number } | null;
  /** Share of the pending picture's pieces that have come; null when unknown. */
  progress: number | null;
  error: ServerError | null;
  newVersion: VersionInfo | null;
  /** In words, why pictures take longer than usual; empty while they do not. */
  slower: string;
}

export interface SessionWorld {
  dataset: string;
  send: (message: ClientMessage) => void;
  /** Runs before the next paint. */
  beforePaint: (run: () => void) => void;
  /** Returns a function that cancels. */
  after: (ms: number, run: () => void) => () => void;
  now: () => number;
  random: () => number;
  /** Names of a kind's options, in the order of its form. */
  optionNames: (kind: string) => readonly string[];
  /** Size to ask for when the plot has `size` device pixels. */
  requestSize: (kind: string, size: Pixels) => Pixels;
}

/** Where a session starts: from a link or from nothing. */
export interface Start {
  kind: string;
  options: JsonObject;
  viewport: Extent | null;
}

/** A view as it starts: nothing known, nothing shown. */
export function startState(initial: Start): SessionState {
  return {
    ...initial,
    link: { state: "connecting" },
    moving: false,
    version: null,
    columns: [],
    axes: null,
    home: null,
    picture: null,
    pending: null,
    progress: null,
    error: null,
    newVersion: null,
    slower: "",
  };
}

/** What a notice changes for the view of this id. */
export function noticed(message: NoticeMessage, viewId: number): Partial<SessionState> {
  if (message.notice === "version_available") return { newVersion: message.version };
  return message.notice === "degraded" && message.viewId === viewId ? { slower: message.detail } : {};
}

/** What a whole picture changes: one that was made as fast as ever ends the talk of slower ones; a kept one does not. */
export function fastAgain(receipt: ReceiptInfo | null): Partial<SessionState> {
  const fast = receipt !== null && receipt.backend !== "cache" && receipt.degraded === "";
  return fast ? { slower: "" } : {};
}
