import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { Codec, Dtype, PieceSchema, PlaneRole } from "../../gen/halftone/v1/frame_pb.ts";
import type { Rgb } from "../../model/piece.ts";
import { buffersOf, bytesFromHex, decodePiece, hex } from "./pieces.ts";
import { PlaneError } from "./planes.ts";

const PALETTE: readonly Rgb[] = [
  [255, 0, 0],
  [0, 0, 255],
];
const EXTENT = { x0: 0, x1: 3, y0: 0, y1: 1 };
const plane = (category: number, ...rows: number[]) => ({
  role: PlaneRole.CATEGORY,
  category,
  dtype: Dtype.U8,
  codec: Codec.RAW,
  data: Uint8Array.from(rows),
});

it("mixes category colours by rows", () => {
  const message = create(PieceSchema, {
    extent: EXTENT,
    width: 3,
    height: 1,
    planes: [plane(0, 0, 3, 0), plane(1, 0, 1, 2)],
  });
  const piece = decodePiece(message, PALETTE);
  expect(piece.total).toEqual(Uint32Array.of(0, 4, 2));
  expect(piece.mix).toEqual(Uint8Array.of(0, 0, 0, 0, 191, 0, 64, 255, 0, 0, 255, 255));
  expect(buffersOf(piece)).toHaveLength(4);
});

it("names planes by what their numbers mean", () => {
  const roles = [
    PlaneRole.COUNT,
    PlaneRole.VALID,
    PlaneRole.SUM,
    PlaneRole.MIN,
    PlaneRole.MAX,
    PlaneRole.SQUARES,
  ];
  const planes = roles.map((role) => ({ ...plane(0, 1, 2, 3), role }));
  const piece = decodePiece(create(PieceSchema, { extent: EXTENT, width: 3, height: 1, planes }), PALETTE);
  expect(piece.planes.map(({ role }) => role)).toEqual(["count", "valid", "sum", "min", "max", "squares"]);
});

it("leaves planes of unknown roles out", () => {
  const message = create(PieceSchema, {
    extent: EXTENT,
    width: 3,
    height: 1,
    planes: [{ ...plane(0, 1, 2, 3), role: 44 as PlaneRole }],
  });
  expect(decodePiece(message, PALETTE).planes).toEqual([]);
});

it.each([
  ["no extent", { width: 1, height: 1 }],
  ["no size", { extent: EXTENT, width: 0, height: 4 }],
  ["a size beyond all pictures", { extent: EXTENT, width: 100_000, height: 100_000 }],
])("refuses a piece with %s", (_what, piece) => {
  expect(() => decodePiece(create(PieceSchema, piece), PALETTE)).toThrow(PlaneError);
});

it("writes ids in hexadecimal and back", () => {
  const bytes = Uint8Array.of(0, 1, 16, 255);
  expect(hex(bytes)).toBe("000110ff");
  expect(bytesFromHex(hex(bytes))).toEqual(bytes);
});

it("makes estimates for all rows of the cells of a sample", () => {
  const number = (role: PlaneRole, ...rows: number[]) => ({ ...plane(0, ...rows), role });
  const message = create(PieceSchema, {
    extent: EXTENT,
    width: 3,
    height: 1,
    fraction: 0.01,
    planes: [number(PlaneRole.COUNT, 0, 3, 1), number(PlaneRole.MAX, 0, 7, 9)],
  });
  const piece = decodePiece(message, PALETTE);
  expect(piece.fraction).toBe(0.01);
  expect(piece.planes.map(({ cells }) => [...(cells ?? [])])).toEqual([
    [0, 300, 100],
    [0, 7, 9],
  ]);
  expect(decodePiece({ ...message, fraction: 0 }, PALETTE)).not.toHaveProperty("fraction");
});
