/** Plain messages between the page, its Worker and, encoded, the gateway. */
import type { JsonObject } from "@bufbuild/protobuf";
import type { Column } from "../../model/column.ts";
import type { GridPiece } from "../../model/piece.ts";
import type { Quantity, Unplaced, ViewAxes } from "../../model/quantity.ts";
import type { Extent } from "../../model/viewport.ts";
import type { ServerLimits } from "./limits.ts";

export interface Pixels {
  readonly width: number;
  readonly height: number;
}

export interface WireViewport extends Pixels {
  /** Null: the whole extent of the data. */
  readonly extent: Extent | null;
}

export type ClientMessage =
  | { type: "auth"; token: string }
  | {
      type: "open";
      viewId: number;
      seq: number;
      dataset: string;
      kind: string;
      options: JsonObject;
      viewport: WireViewport;
      held: readonly string[];
      versionId: string;
      /** Frames of a sample may come first. */
      approximate: boolean;
    }
  | { type: "set"; viewId: number; seq: number; options: JsonObject | null; viewport: WireViewport | null }
  | { type: "shown"; viewId: number; seq: number }
  | { type: "drop"; viewId: number; pieceIds: readonly string[] }
  | { type: "cancel"; viewId: number; seq: number }
  | { type: "close"; viewId: number }
  | ({ type: "pick"; viewId: number; pickId: number } & RowsAsk)
  | { type: "ping" };

/** Which rows lie behind a picture: those of a region, of steps, near a pointer, or all; in units of the axes. */
export interface RowPlace {
  /** Half-open; null: anywhere. */
  readonly region: Extent | null;
  /** Of x, in place of that side of the region. */
  readonly steps: readonly number[];
  /** All steps but these. */
  readonly others: boolean;
  /** The same of y. */
  readonly stepsY: readonly number[];
  readonly othersY: boolean;
  readonly pointer: Pointer | null;
}

export interface Pointer {
  readonly x: number;
  readonly y: number;
  /** How much of an axis a pixel shows. */
  readonly xPixel: number;
  readonly yPixel: number;
  /** In pixels. */
  readonly reach: number;
}

export interface RowSort {
  readonly column: string;
  readonly descending: boolean;
}

export interface RowsAsk extends RowPlace {
  /** Empty: all. */
  readonly columns: readonly string[];
  /** Null: in the order of the file. */
  readonly sort: RowSort | null;
  readonly offset: number;
}

/** A cell: null is missing; times are counts of their column's unit. */
export type RowCell = string | number | bigint | null;

export interface RowInfo {
  /** Its place in the file, from 0. */
  readonly number: number;
  readonly cells: readonly RowCell[];
  /** Places of cells whose text is longer. */
  readonly cut: readonly number[];
}

export interface RowsMessage {
  type: "rows";
  viewId: number;
  pickId: number;
  /** Rows that match, on all pages. */
  matching: number;
  offset: number;
  columns: readonly ColumnInfo[];
  rows: readonly RowInfo[];
}

/** Categories come most frequent first; a null label stands for rows without a value. */
export type ColumnInfo = Column;

export interface VersionInfo {
  readonly id: string;
  readonly number: number;
  readonly rows: number;
}

export type FrameStatus = "partial" | "approximate" | "exact";

export interface ReceiptInfo {
  readonly versionId: string;
  readonly backend: string;
  readonly rowsScanned: number;
  readonly piecesTotal: number;
  readonly piecesCached: number;
  /** Stored tiles that were read. */
  readonly tilesRead: number;
  readonly stages: readonly { name: string; ms: number }[];
  readonly traceId: string;
  readonly fraction: number;
  /** Why something slower than usual made it; empty: nothing did. */
  readonly degraded: string;
  /** Null when the server does not say. */
  readonly unplaced: Unplaced | null;
}

export interface Opened {
  type: "opened";
  viewId: number;
  seq: number;
  version: VersionInfo;
  /** What the view starts with: nearly all of the data. */
  extent: Extent;
  /** A step is as long on both axes, as on a map. */
  equalAspect: boolean;
  columns: readonly ColumnInfo[];
  options: JsonObject;
  quantity: Quantity | null;
  axes: ViewAxes | null;
}

export interface FrameMessage {
  type: "frame";
  viewId: number;
  seq: number;
  status: FrameStatus;
  pieces: readonly GridPiece[];
  reuse: readonly string[];
  receipt: ReceiptInfo | null;
  viewport: WireViewport | null;
  /** Null when the message has none that this page understands. */
  quantity: Quantity | null;
  axes: ViewAxes | null;
  /** Of approximate frames: the share of the work for the exact one that is done; 0: not known. */
  progress: number;
}

export interface ServerError {
  type: "error";
  code: string;
  field: string;
  detail: string;
  viewId: number;
  seq: number;
  requestId: string;
  retryAfterMs: number;
  /** Of a pick that failed. */
  pickId?: number;
}

export type NoticeKind = "version_available" | "reauth_soon" | "draining" | "degraded";

export interface NoticeMessage {
  type: "notice";
  notice: NoticeKind;
  viewId: number;
  detail: string;
  reconnectAfterMs: number;
  version: VersionInfo | null;
}

export type ServerMessage =
  | { type: "welcome"; sessionId: string; kindsHash: string; expiresIn: number; limits: ServerLimits }
  | Opened
  | FrameMessage
  | RowsMessage
  | NoticeMessage
  | ServerError
  | { type: "closed"; viewId: number; code: string }
  | { type: "pong" };

export type LinkState =
  | { state: "connecting" }
  | { state: "live" }
  /** Asked, and nothing has come for a while: what follows is sent when something comes. */
  | { state: "stalled" }
  | { state: "waiting"; retryAt: number }
  | { state: "offline" }
  | { state: "stopped"; reason: string };

/** Page to Worker. */
export type ToWorker =
  | { type: "start"; url: string; palette: readonly (readonly [number, number, number])[] }
  | { type: "token"; token: string }
  | { type: "retry" }
  | { type: "send"; message: ClientMessage };

/** Worker to page. */
export type FromWorker =
  | { type: "link"; link: LinkState }
  | { type: "need-token"; refused: boolean }
  | { type: "message"; message: ServerMessage };
