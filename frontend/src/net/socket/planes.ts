/** Cells of a plane as they travel, and as typed arrays. */
import { Codec, Dtype } from "../../gen/halftone/v1/frame_pb.ts";
import type { Cells } from "../../model/piece.ts";
import { PackedError, unpack, type WholeCells } from "../cells/packed.ts";

export class PlaneError extends Error {}

interface Format {
  bytes: number;
  /** Typed array over `count` numbers that start at an aligned offset of `buffer`. */
  view: (buffer: ArrayBuffer, offset: number, count: number) => Cells;
}

// 64-bit integers become float64: exact to 2^53, which is more rows than a table holds.
const FORMATS: Partial<Record<Dtype, Format>> = {
  [Dtype.U8]: { bytes: 1, view: (b, o, n) => new Uint8Array(b, o, n) },
  [Dtype.U16]: { bytes: 2, view: (b, o, n) => new Uint16Array(b, o, n) },
  [Dtype.U32]: { bytes: 4, view: (b, o, n) => new Uint32Array(b, o, n) },
  [Dtype.U64]: { bytes: 8, view: (b, o, n) => Float64Array.from(new BigUint64Array(b, o, n), Number) },
  [Dtype.I8]: { bytes: 1, view: (b, o, n) => new Int8Array(b, o, n) },
  [Dtype.I16]: { bytes: 2, view: (b, o, n) => new Int16Array(b, o, n) },
  [Dtype.I32]: { bytes: 4, view: (b, o, n) => new Int32Array(b, o, n) },
  [Dtype.I64]: { bytes: 8, view: (b, o, n) => Float64Array.from(new BigInt64Array(b, o, n), Number) },
  [Dtype.F32]: { bytes: 4, view: (b, o, n) => new Float32Array(b, o, n) },
  [Dtype.F64]: { bytes: 8, view: (b, o, n) => new Float64Array(b, o, n) },
};

/**
 * Numbers of a plane, row by row, lowest y first; null when every cell is zero.
 * Throws PlaneError when the bytes do not fit the codec, the dtype or the size.
 */
export function decodeCells(codec: Codec, dtype: Dtype, data: Uint8Array, cells: number): Cells | null {
  if (codec === Codec.EMPTY) return null;
  const format = FORMATS[dtype];
  if (!format) throw new PlaneError(`unknown number type ${dtype}`);
  if (codec === Codec.RAW) return decodeRaw(format, data, cells);
  if (codec === Codec.SPARSE) return decodeSparse(format, data, cells);
  if (codec === Codec.PACKED) return decodePacked(format, dtype, data, cells);
  throw new PlaneError(`unknown codec ${codec}`);
}

function decodeRaw(format: Format, data: Uint8Array, cells: number): Cells {
  if (data.byteLength !== cells * format.bytes) throw new PlaneError("a plane has the wrong number of bytes");
  // A copy of its own: aligned for the number type, and transferable without the rest of the message.
  return format.view(data.slice().buffer, 0, cells);
}

function decodeSparse(format: Format, data: Uint8Array, cells: number): Cells {
  const count = data.byteLength / (4 + format.bytes);
  if (!Number.isInteger(count)) throw new PlaneError("a sparse plane has the wrong number of bytes");
  const positions = new Uint32Array(data.slice(0, count * 4).buffer);
  const values = format.view(data.slice(count * 4).buffer, 0, count);
  const dense = emptyLike(values, cells);
  for (let i = 0; i < count; i += 1) {
    const position = positions[i] as number;
    if (position >= cells) throw new PlaneError("a sparse plane names a cell outside it");
    dense[position] = values[i] as number;
  }
  return dense;
}

/** Types that are coded whole; the others byte by byte, those of one rank together. */
const WHOLE: ReadonlySet<Dtype> = new Set([Dtype.U8, Dtype.U16, Dtype.U32]);

function decodePacked(format: Format, dtype: Dtype, data: Uint8Array, cells: number): Cells {
  try {
    if (WHOLE.has(dtype)) {
      const whole = format.view(new ArrayBuffer(cells * format.bytes), 0, cells) as WholeCells;
      unpack(data, [whole]);
      return whole;
    }
    const ranks = Array.from({ length: format.bytes }, () => new Uint8Array(cells));
    unpack(data, ranks);
    return format.view(interleaved(ranks, cells), 0, cells);
  } catch (error) {
    if (error instanceof PackedError) throw new PlaneError(error.message);
    throw error;
  }
}

function interleaved(ranks: readonly Uint8Array[], cells: number): ArrayBuffer {
  const out = new Uint8Array(cells * ranks.length);
  for (const [rank, bytes] of ranks.entries()) {
    for (let cell = 0; cell < cells; cell += 1) out[cell * ranks.length + rank] = bytes[cell] as number;
  }
  return out.buffer;
}

function emptyLike(cells: Cells, length: number): Cells {
  const Kind = cells.constructor as new (length: number) => Cells;
  return new Kind(length);
}
