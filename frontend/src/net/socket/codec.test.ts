import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ColumnType, TimeUnit } from "../../gen/halftone/v1/compute_pb.ts";
import {
  Codec,
  Dtype,
  Empty,
  Finisher,
  FrameStatus,
  PieceSchema,
  PlaneRole,
} from "../../gen/halftone/v1/frame_pb.ts";
import {
  ClientMessageSchema,
  NoticeCode,
  RelayMessageSchema,
  ServerMessageSchema,
} from "../../gen/halftone/v1/session_pb.ts";
import { decodeServer, encodeClient } from "./codec.ts";

const PALETTE = [[255, 0, 0] as const];
const VIEWPORT = { width: 10, height: 20, extent: { x0: 0, x1: 1, y0: 2, y1: 3 } };

function sent(...[message]: Parameters<typeof encodeClient>) {
  return fromBinary(ClientMessageSchema, encodeClient(message)).message;
}

function received(message: Parameters<typeof create<typeof ServerMessageSchema>>[1]) {
  return decodeServer(toBinary(ServerMessageSchema, create(ServerMessageSchema, message)), PALETTE);
}

describe("to the server", () => {
  it("an open carries the whole view", () => {
    const options = { x: "date", reduction: "count" };
    const view = {
      viewId: 3,
      seq: 7,
      dataset: "flights",
      kind: "points",
      options,
      versionId: "v",
      approximate: true,
    };
    const message = sent({ type: "open", ...view, viewport: VIEWPORT, held: ["00ff", "10"] });
    expect(message).toMatchObject({
      case: "open",
      value: { ...view, viewport: { width: 10, extent: { y1: 3 } } },
    });
    expect(message.case === "open" && message.value.held).toEqual([Uint8Array.of(0, 255), Uint8Array.of(16)]);
  });

  it("a viewport of the whole data has no extent", () => {
    const viewport = { ...VIEWPORT, extent: null };
    const message = sent({ type: "set", viewId: 1, seq: 2, options: null, viewport });
    expect(message.case === "set" && message.value.viewport?.extent).toBeUndefined();
    expect(message.case === "set" && message.value.options).toBeUndefined();
  });

  it("a patch keeps its nulls", () => {
    const message = sent({ type: "set", viewId: 1, seq: 2, options: { value: null }, viewport: null });
    expect(message.case === "set" && message.value.options).toEqual({ value: null });
    expect(message.case === "set" && message.value.viewport).toBeUndefined();
  });

  it.each([
    [{ type: "auth", token: "t" } as const, "auth", { accessToken: "t", codecs: [Codec.PACKED] }],
    [{ type: "shown", viewId: 1, seq: 2 } as const, "shown", { viewId: 1, seq: 2 }],
    [{ type: "cancel", viewId: 1, seq: 2 } as const, "cancel", { viewId: 1, seq: 2 }],
    [{ type: "close", viewId: 1 } as const, "close", { viewId: 1 }],
    [{ type: "ping" } as const, "ping", {}],
    [{ type: "drop", viewId: 1, pieceIds: ["ab"] } as const, "drop", { pieceIds: [Uint8Array.of(171)] }],
  ])("%o", (message, name, value) => {
    expect(sent(message)).toMatchObject({ case: name, value });
  });
});

describe("from the server", () => {
  it("a frame, also as the gateway relays it", () => {
    const piece = create(PieceSchema, {
      pieceId: Uint8Array.of(1, 2),
      extent: VIEWPORT.extent,
      width: 2,
      height: 1,
      planes: [{ role: PlaneRole.COUNT, dtype: Dtype.U8, codec: Codec.RAW, data: Uint8Array.of(4, 0) }],
      address: { ex: -3, ix: -1n, ey: 2, iy: 2n ** 60n },
    });
    const frame = { viewId: 1, seq: 9, status: FrameStatus.EXACT, reuse: [Uint8Array.of(255)] };
    const plain = received({ message: { case: "frame", value: { ...frame, pieces: [piece] } } });
    expect(plain).toMatchObject({ type: "frame", seq: 9, status: "exact", reuse: ["ff"], receipt: null });
    expect(plain?.type === "frame" && plain.pieces[0]).toMatchObject({
      id: "0102",
      planes: [{ role: "count", cells: Uint8Array.of(4, 0) }],
      address: { ex: -3, ix: "-1", ey: 2, iy: String(2n ** 60n) },
    });
    const receipt = { backend: "cpu", degraded: "card_lost" };
    const slow = received({ message: { case: "frame", value: { ...frame, receipt } } });
    expect(slow).toMatchObject({ receipt: { ...receipt, unplaced: null } });
    const unplaced = {
      missing: 1n,
      infinite: 2n,
      outOfRange: 3n,
      valueMissing: 4n,
      valueInfinite: 5n,
      notOnScale: 6n,
    };
    expect(
      received({ message: { case: "frame", value: { ...frame, receipt: { unplaced } } } }),
    ).toMatchObject({
      receipt: {
        unplaced: {
          missing: 1,
          infinite: 2,
          outOfRange: 3,
          valueMissing: 4,
          valueInfinite: 5,
          notOnScale: 6,
        },
      },
    });
    const shown = {
      quantity: { label: "Rows", finisher: Finisher.IDENTITY, empty: Empty.ZERO },
      x: { column: "date" },
    };
    expect(received({ message: { case: "frame", value: { ...frame, ...shown } } })).toMatchObject({
      quantity: { label: "Rows", finisher: "identity" },
      axes: { x: { column: "date" }, y: null },
    });
    const relay = create(RelayMessageSchema, { frame: { ...frame, pieces: [toBinary(PieceSchema, piece)] } });
    expect(decodeServer(toBinary(RelayMessageSchema, relay), PALETTE)).toEqual(plain);
  });

  it("what an opened view knows", () => {
    const columns = [
      { name: "when", type: ColumnType.TIME, min: 1, max: 2, timeUnit: TimeUnit.MILLISECOND, infinite: 4n },
      { name: "what", type: ColumnType.CATEGORY, categories: [{ label: "a", count: 5n }, { count: 1n }] },
    ];
    const version = { versionId: "v", number: 2, rows: 3_000_000n };
    const plain = received({ message: { case: "opened", value: { viewId: 1, seq: 4, version, columns } } });
    expect(plain).toMatchObject({
      version: { id: "v", number: 2, rows: 3_000_000 },
      columns: [
        { name: "when", type: "time", min: 1, max: 2, timeUnit: "ms", infinite: 4 },
        {
          name: "what",
          type: "category",
          min: null,
          categories: [
            { label: "a", count: 5 },
            { label: null, count: 1 },
          ],
        },
      ],
    });
  });

  it("notices, errors and the small ones", () => {
    const notice = { code: NoticeCode.DRAINING, reconnectAfterMs: 5 };
    expect(received({ message: { case: "notice", value: notice } })).toMatchObject({ notice: "draining" });
    const slower = { code: NoticeCode.DEGRADED, viewId: 3, detail: "Only slower." };
    expect(received({ message: { case: "notice", value: slower } })).toMatchObject({
      notice: "degraded",
      viewId: 3,
      detail: "Only slower.",
    });
    const error = {
      code: "bad_seq",
      field: "seq",
      detail: "No.",
      requestId: "r",
      seq: 3,
      viewId: 1,
      retryAfterMs: 7,
    };
    expect(received({ message: { case: "error", value: error } })).toEqual({ type: "error", ...error });
    expect(received({ message: { case: "pong", value: {} } })).toEqual({ type: "pong" });
  });

  it("messages of a newer server are passed over, and statuses of one are not taken for exact", () => {
    expect(decodeServer(new Uint8Array(), PALETTE)).toBeNull();
    expect(received({ message: { case: "notice", value: { code: 99 as NoticeCode } } })).toBeNull();
    const frame = { viewId: 1, seq: 1, status: 77 as FrameStatus };
    expect(received({ message: { case: "frame", value: frame } })).toMatchObject({ status: "partial" });
  });

  it("garbage is refused", () => {
    expect(() => decodeServer(Uint8Array.of(255, 255, 255), PALETTE)).toThrow();
  });
});

describe("rows", () => {
  const ask = {
    region: VIEWPORT.extent,
    steps: [2],
    others: true,
    stepsY: [4],
    othersY: true,
    columns: ["delay"],
    offset: 50,
  } as const;

  it("a pick names the place, the columns and the order", () => {
    const sort = { column: "delay", descending: true };
    const message = sent({ type: "pick", viewId: 1, pickId: 9, ...ask, pointer: null, sort });
    expect(message).toMatchObject({ case: "pickRows", value: { viewId: 1, pickId: 9, ...ask, sort } });
    expect(message.case === "pickRows" && message.value.pointer).toBeUndefined();
    const pointer = { x: 1, y: 2, xPixel: 3, yPixel: 4, reach: 5 };
    const near = sent({ type: "pick", viewId: 1, pickId: 9, ...ask, region: null, pointer, sort: null });
    expect(near).toMatchObject({ case: "pickRows", value: { pointer } });
    expect(near.case === "pickRows" && near.value.sort).toBeUndefined();
  });

  it("a page keeps every digit, and says what is missing and what was cut", () => {
    const cells = [
      { value: { case: "integer", value: 2n ** 62n } },
      { value: { case: "number", value: 0.5 } },
      { value: { case: "text", value: "long" }, cut: true },
      {},
    ] as const;
    const columns = [{ name: "a", unit: "m", type: ColumnType.NUMBER }];
    const value = {
      viewId: 1,
      pickId: 2,
      matching: 70n,
      offset: 50,
      columns,
      rows: [{ number: 7n, cells: [...cells] }],
    };
    expect(received({ message: { case: "rowPage", value } })).toMatchObject({
      type: "rows",
      pickId: 2,
      matching: 70,
      offset: 50,
      columns: [{ name: "a", unit: "m", type: "number" }],
      rows: [{ number: 7, cells: [2n ** 62n, 0.5, "long", null], cut: [2] }],
    });
  });

  it("an error of a pick names it", () => {
    const value = { code: "overloaded", pickId: 4 };
    expect(received({ message: { case: "error", value } })).toMatchObject({ code: "overloaded", pickId: 4 });
    expect(received({ message: { case: "error", value: { code: "overloaded" } } })).not.toHaveProperty(
      "pickId",
    );
  });
});
