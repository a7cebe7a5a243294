/** Plain messages to and from the binary encoding of proto/halftone/v1/session.proto. */
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  Codec,
  FrameStatus as WireStatus,
  type Receipt,
  type Unplaced as WireUnplaced,
  type Viewport,
  type ViewportSchema,
} from "../../gen/halftone/v1/frame_pb.ts";
import {
  ClientMessageSchema,
  type Frame,
  NoticeCode,
  type PickRowsSchema,
  type Opened as WireOpened,
  type ServerMessage as WireServerMessage,
  ServerMessageSchema,
  type Version,
} from "../../gen/halftone/v1/session_pb.ts";
import type { Rgb } from "../../model/piece.ts";
import type { Unplaced } from "../../model/quantity.ts";
import type { Extent } from "../../model/viewport.ts";
import { plainLimits } from "./limits.ts";
import type {
  ClientMessage,
  FrameMessage,
  FrameStatus,
  NoticeKind,
  Opened,
  ReceiptInfo,
  ServerMessage,
  VersionInfo,
  WireViewport,
} from "./messages.ts";
import { plainColumn, plainRows } from "./columns.ts";
import { bytesFromHex, decodePiece, hex } from "./pieces.ts";
import { plainAxes, plainQuantity } from "./quantities.ts";

type WireClient = MessageInitShape<typeof ClientMessageSchema>["message"];

export function encodeClient(message: ClientMessage): Uint8Array<ArrayBuffer> {
  return toBinary(ClientMessageSchema, create(ClientMessageSchema, { message: wireClient(message) })).slice();
}

function wireClient(message: ClientMessage): NonNullable<WireClient> {
  switch (message.type) {
    case "auth":
      return { case: "auth", value: { accessToken: message.token, codecs: [Codec.PACKED] } };
    case "open":
      return {
        case: "open",
        value: {
          viewId: message.viewId,
          seq: message.seq,
          dataset: message.dataset,
          kind: message.kind,
          options: message.options,
          viewport: wireViewport(message.viewport),
          held: message.held.map(bytesFromHex),
          versionId: message.versionId,
          approximate: message.approximate,
        },
      };
    case "set":
      return {
        case: "set",
        value: {
          viewId: message.viewId,
          seq: message.seq,
          ...(message.options && { options: message.options }),
          ...(message.viewport && { viewport: wireViewport(message.viewport) }),
        },
      };
    case "drop":
      return {
        case: "drop",
        value: { viewId: message.viewId, pieceIds: message.pieceIds.map(bytesFromHex) },
      };
    case "shown":
    case "cancel":
      return { case: message.type, value: { viewId: message.viewId, seq: message.seq } };
    case "pick":
      return { case: "pickRows", value: wirePick(message) };
    case "close":
      return { case: "close", value: { viewId: message.viewId } };
    case "ping":
      return { case: "ping", value: {} };
  }
}

function wirePick(
  message: Extract<ClientMessage, { type: "pick" }>,
): MessageInitShape<typeof PickRowsSchema> {
  const { viewId, pickId, region, steps, others, stepsY, othersY, pointer, columns, sort, offset } = message;
  return {
    viewId,
    pickId,
    steps: [...steps],
    others,
    stepsY: [...stepsY],
    othersY,
    columns: [...columns],
    offset,
    ...(region && { region }),
    ...(pointer && { pointer }),
    ...(sort && { sort }),
  };
}

function wireViewport(viewport: WireViewport): MessageInitShape<typeof ViewportSchema> {
  const { extent, width, height } = viewport;
  return { width, height, ...(extent && { extent }) };
}

/** Null for a message of a newer server that this page does not know. Throws on bytes that are no message. */
export function decodeServer(bytes: Uint8Array, palette: readonly Rgb[]): ServerMessage | null {
  return plainServer(fromBinary(ServerMessageSchema, bytes).message, palette);
}

function plainServer(message: WireServerMessage["message"], palette: readonly Rgb[]): ServerMessage | null {
  switch (message.case) {
    case "welcome": {
      const { sessionId, kindsHash, expiresIn, limits } = message.value;
      return { type: "welcome", sessionId, kindsHash, expiresIn, limits: plainLimits(limits) };
    }
    case "opened":
      return plainOpened(message.value);
    case "frame":
      return plainFrame(message.value, palette);
    case "notice": {
      const notice = NOTICES[message.value.code];
      const { viewId, detail, reconnectAfterMs, version } = message.value;
      if (!notice) return null;
      return { type: "notice", notice, viewId, detail, reconnectAfterMs, version: plainVersion(version) };
    }
    case "rowPage":
      return plainRows(message.value);
    case "error": {
      const { code, field, detail, viewId, seq, requestId, retryAfterMs, pickId } = message.value;
      return {
        type: "error",
        code,
        field,
        detail,
        viewId,
        seq,
        requestId,
        retryAfterMs,
        ...(pickId > 0 && { pickId }),
      };
    }
    case "closed":
      return { type: "closed", viewId: message.value.viewId, code: message.value.code };
    case "pong":
      return { type: "pong" };
    default:
      return null;
  }
}

const NOTICES: Partial<Record<NoticeCode, NoticeKind>> = {
  [NoticeCode.VERSION_AVAILABLE]: "version_available",
  [NoticeCode.REAUTH_SOON]: "reauth_soon",
  [NoticeCode.DRAINING]: "draining",
  [NoticeCode.DEGRADED]: "degraded",
};

const STATUSES: Partial<Record<WireStatus, FrameStatus>> = {
  [WireStatus.PARTIAL]: "partial",
  [WireStatus.APPROXIMATE]: "approximate",
  [WireStatus.EXACT]: "exact",
};

function plainFrame(frame: Frame, palette: readonly Rgb[]): FrameMessage {
  return {
    type: "frame",
    viewId: frame.viewId,
    seq: frame.seq,
    // A status this page does not know may be anything but exact.
    status: STATUSES[frame.status] ?? "partial",
    pieces: frame.pieces.map((piece) => decodePiece(piece, palette)),
    reuse: frame.reuse.map(hex),
    receipt: plainReceipt(frame.receipt),
    viewport: plainViewport(frame.viewport),
    quantity: plainQuantity(frame.quantity),
    axes: plainAxes(frame),
    progress: frame.progress,
  };
}

function plainViewport(viewport: Viewport | undefined): WireViewport | null {
  if (!viewport) return null;
  return { width: viewport.width, height: viewport.height, extent: plainExtent(viewport.extent) };
}

function plainExtent(extent: Extent | undefined): Extent | null {
  return extent ? { x0: extent.x0, x1: extent.x1, y0: extent.y0, y1: extent.y1 } : null;
}

function plainReceipt(receipt: Receipt | undefined): ReceiptInfo | null {
  if (!receipt) return null;
  return {
    versionId: receipt.versionId,
    backend: receipt.backend,
    rowsScanned: Number(receipt.rowsScanned),
    piecesTotal: receipt.piecesTotal,
    piecesCached: receipt.piecesCached,
    tilesRead: receipt.tilesRead,
    stages: receipt.stages.map(({ name, ms }) => ({ name, ms })),
    traceId: receipt.traceId,
    fraction: receipt.fraction,
    degraded: receipt.degraded,
    unplaced: plainUnplaced(receipt.unplaced),
  };
}

function plainUnplaced(unplaced: WireUnplaced | undefined): Unplaced | null {
  if (!unplaced) return null;
  return {
    missing: Number(unplaced.missing),
    infinite: Number(unplaced.infinite),
    outOfRange: Number(unplaced.outOfRange),
    valueMissing: Number(unplaced.valueMissing),
    valueInfinite: Number(unplaced.valueInfinite),
    notOnScale: Number(unplaced.notOnScale),
  };
}

function plainVersion(version: Version | undefined): VersionInfo | null {
  return version ? { id: version.versionId, number: version.number, rows: Number(version.rows) } : null;
}

function plainOpened(opened: WireOpened): Opened {
  return {
    type: "opened",
    viewId: opened.viewId,
    seq: opened.seq,
    version: plainVersion(opened.version) ?? { id: "", number: 0, rows: 0 },
    extent: plainExtent(opened.extent) ?? { x0: 0, x1: 1, y0: 0, y1: 1 },
    equalAspect: opened.equalAspect,
    columns: opened.columns.map(plainColumn),
    options: opened.options ?? {},
    quantity: plainQuantity(opened.quantity),
    axes: plainAxes(opened),
  };
}
