/** State of a session that the page shows, what messages change in it, and what a session needs from around it. */
import type { JsonObject } from "@bufbuild/protobuf";
import type { ViewAxes } from "../model/quantity.ts";
import { transformOf } from "../model/transforms/transforms.ts";
import { type Extent, padded, sameExtent, withEqualSteps } from "../model/viewport.ts";
import type { ServerLimits } from "../net/socket/limits.ts";
import type {
  ClientMessage,
  ColumnInfo,
  LinkState,
  NoticeMessage,
  Opened,
  Pixels,
  ReceiptInfo,
  ServerError,
  VersionInfo,
} from "../net/socket/messages.ts";
import type { Picture } from "./frames.ts";

export interface SessionState {
  link: LinkState;
  /** What is requested; the picture holds what is shown. */
  kind: string;
  options: JsonObject;
  /** What is on screen, in the numbers of its own axes; null until the data's own extent is known. */
  viewport: Extent | null;
  moving: boolean;
  version: VersionInfo | null;
  columns: readonly ColumnInfo[];
  /** Of the view as it was opened; those of what is on screen are the picture's. */
  axes: ViewAxes | null;
  /** What "back to the start" shows; null: the server is asked. */
  home: Extent | null;
  picture: Picture | null;
  /** The newest request without a final frame. */
  pending: { seq: number; since: number } | null;
  /** Share of the pending picture's pieces that have come, or of the work for them; null when unknown. */
  progress: number | null;
  error: ServerError | null;
  newVersion: VersionInfo | null;
  /** Why pictures take longer than usual, as a sentence; empty while they do not. */
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
  /** Options of a kind that say in which units the axes are, with what they are by default. */
  scaleOptions: (kind: string) => JsonObject;
  /** Size to request when the plot has `size` device pixels. */
  requestSize: (kind: string, size: Pixels, limits: ServerLimits) => Pixels;
}

/** What the screen changes with a whole picture. */
export interface Turn {
  /** Null: stays. */
  readonly viewport: Extent | null;
  /** What "back to the start" shows; undefined: stays. */
  readonly home: Extent | null | undefined;
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

/** The server shows what a view starts with with this margin on each side; a guess until a frame says it exactly. */
const HOME_MARGIN = 0.02;

const NO_ERROR = { type: "error", field: "", requestId: "", retryAfterMs: 0 } as const;
const OUTDATED = "The page and the server are of different releases. Load the page again.";

/** What "back to the start" shows; `plot` in device pixels. */
export function homeOf({ extent, equalAspect }: Opened, plot: Pixels | null): Extent {
  const home = padded(extent, HOME_MARGIN);
  return equalAspect && plot ? withEqualSteps(home, plot) : home;
}

/** `asked`: extent of the axes asked for; null: the server chooses. */
export function openedPatch(
  state: SessionState,
  opened: Opened,
  { options, home, asked }: { options: JsonObject; home: Extent; asked: Extent | null },
): Partial<SessionState> {
  return {
    version: opened.version,
    columns: opened.columns,
    axes: opened.axes,
    home,
    // What is on screen keeps its extent until the picture of these axes is there.
    viewport: state.picture ? state.viewport : (asked ?? home),
    options,
  };
}

/** A whole picture, and what the screen changes with it. */
export function finalPatch(state: SessionState, picture: Picture, turn: Turn): Partial<SessionState> {
  const { pending, error } = state;
  const isNewest = pending !== null && pending.seq <= picture.seq;
  const unknown = picture.quantity === null;
  return {
    picture,
    ...slowerPatch(picture.receipt),
    error: unknown ? outdated(picture) : error && error.seq > picture.seq ? error : null,
    ...(turn.viewport && { viewport: turn.viewport }),
    ...(turn.home !== undefined && { home: turn.home }),
    ...(isNewest && { pending: null, progress: null }),
  };
}

/** A picture of a sample, and what the screen changes with it. The exact one is still to come. */
export function estimatePatch(state: SessionState, picture: Picture, turn: Turn): Partial<SessionState> {
  const {
    pending: _pending,
    progress: _progress,
    error: _error,
    ...shown
  } = finalPatch(state, picture, turn);
  return picture.quantity === null ? {} : { ...shown, progress: null };
}

/** What the screen shows of a projected map whose extent the server chose: with equal steps. Null: it is none. */
export function mapTurn(turn: Turn, axes: ViewAxes | null, plot: Pixels | null): Turn | null {
  const isMap = axes?.y && transformOf(axes.y.transform).isProjection;
  if (!isMap || !plot || !turn.viewport || turn.viewport !== turn.home) return null;
  const viewport = withEqualSteps(turn.home, plot);
  return sameExtent(viewport, turn.home) ? null : { viewport, home: viewport };
}

export function noticePatch(message: NoticeMessage, viewId: number): Partial<SessionState> {
  if (message.notice === "version_available") return { newVersion: message.version };
  return message.notice === "degraded" && message.viewId === viewId ? { slower: message.detail } : {};
}

/** The server ended the view with `code`; an error before that says more. */
export function endedPatch(
  state: SessionState,
  code: string,
  viewId: number,
  seq: number,
): Partial<SessionState> {
  const detail = "The server has ended this view.";
  return { pending: null, error: state.error ?? { ...NO_ERROR, code, detail, viewId, seq } };
}

/** A picture made at full speed ends the notice of slower ones; one from a cache does not. */
function slowerPatch(receipt: ReceiptInfo | null): Partial<SessionState> {
  const fast = receipt !== null && receipt.backend !== "cache" && receipt.degraded === "";
  return fast ? { slower: "" } : {};
}

function outdated({ viewId, seq }: Picture): ServerError {
  return { ...NO_ERROR, code: "page_outdated", detail: OUTDATED, viewId, seq };
}
