import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Codec, Dtype } from "../../gen/halftone/v1/frame_pb.ts";
import samples from "../cells/packed-samples.json" with { type: "json" };
import { decodeCells, PlaneError } from "./planes.ts";

const bytes = (array: ArrayBufferView<ArrayBuffer>) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe("raw planes", () => {
  it.each([
    ["u8", Dtype.U8, Uint8Array.of(0, 255)],
    ["u16", Dtype.U16, Uint16Array.of(0, 65_535)],
    ["u32", Dtype.U32, Uint32Array.of(0, 4_294_967_295)],
    ["i8", Dtype.I8, Int8Array.of(-128, 127)],
    ["i16", Dtype.I16, Int16Array.of(-32_768, 32_767)],
    ["i32", Dtype.I32, Int32Array.of(-2_147_483_648, 2_147_483_647)],
    ["f32", Dtype.F32, Float32Array.of(-0, 1.5)],
    ["f64", Dtype.F64, Float64Array.of(Math.PI, Number.NaN)],
  ])("are read as %s wherever they lie in a message", (_name, dtype, values) => {
    const message = new Uint8Array(values.byteLength + 3);
    message.set(bytes(values), 3);
    expect(decodeCells(Codec.RAW, dtype, message.subarray(3), 2)).toEqual(values);
  });

  it("reads 64-bit integers as float64", () => {
    const unsigned = decodeCells(Codec.RAW, Dtype.U64, bytes(BigUint64Array.of(0n, 2n ** 53n)), 2);
    expect(unsigned).toEqual(Float64Array.of(0, 2 ** 53));
    const signed = decodeCells(Codec.RAW, Dtype.I64, bytes(BigInt64Array.of(-5n, 1_700_000_000_000_000n)), 2);
    expect(signed).toEqual(Float64Array.of(-5, 1_700_000_000_000_000));
  });

  it("keeps no hold on the message that they came in", () => {
    const message = Uint8Array.of(1, 2, 3, 4);
    const cells = decodeCells(Codec.RAW, Dtype.U8, message.subarray(1, 3), 2);
    expect(cells?.buffer.byteLength).toBe(2);
  });
});

describe("packed planes", () => {
  const DTYPES: Record<string, Dtype> = {
    u1: Dtype.U8,
    u2: Dtype.U16,
    u4: Dtype.U32,
    i2: Dtype.I16,
    i8: Dtype.I64,
    f4: Dtype.F32,
    f8: Dtype.F64,
  };
  const fromBase64 = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

  it.each(samples.map((each) => [each.name, each] as const))("are read: %s", (_name, each) => {
    const dtype = DTYPES[each.dtype] as Dtype;
    const data = fromBase64(each.data);
    const cells = decodeCells(Codec.RAW, dtype, fromBase64(each.cells), each.count);
    expect(decodeCells(Codec.PACKED, dtype, data, each.count)).toEqual(cells);
    expect(() => decodeCells(Codec.PACKED, dtype, data.subarray(1), each.count)).toThrow(PlaneError);
  });
});

describe("sparse planes", () => {
  it("equal the dense ones that they stand for", () => {
    const dense = fc.array(fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(65_535)), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(dense, (values) => {
        const places = values.flatMap((value, place) => (value > 0 ? [place] : []));
        const positions = Uint32Array.from(places);
        const numbers = Uint16Array.from(places, (place) => values[place] ?? 0);
        const data = Uint8Array.from([...bytes(positions), ...bytes(numbers)]);
        expect(decodeCells(Codec.SPARSE, Dtype.U16, data, values.length)).toEqual(Uint16Array.from(values));
      }),
    );
  });

  it("may name no cell at all", () => {
    expect(decodeCells(Codec.SPARSE, Dtype.F64, new Uint8Array(), 3)).toEqual(new Float64Array(3));
  });
});

it("has no cells to read in an empty plane", () => {
  expect(decodeCells(Codec.EMPTY, Dtype.U8, new Uint8Array(), 4)).toBeNull();
});

it.each([
  ["too short", Codec.RAW, Dtype.U32, 15, 4],
  ["too long", Codec.RAW, Dtype.U8, 5, 4],
  ["cut in a position", Codec.SPARSE, Dtype.U8, 4, 4],
  ["of an unknown type", Codec.RAW, 99 as Dtype, 4, 4],
  ["of an unknown codec", 99 as Codec, Dtype.U8, 4, 4],
])("refuses a plane that is %s", (_why, codec, dtype, length, cells) => {
  expect(() => decodeCells(codec, dtype, new Uint8Array(length), cells)).toThrow(PlaneError);
});

it("refuses a sparse plane that names a cell outside it", () => {
  const data = Uint8Array.of(4, 0, 0, 0, 7);
  expect(() => decodeCells(Codec.SPARSE, Dtype.U8, data, 4)).toThrow(PlaneError);
});
