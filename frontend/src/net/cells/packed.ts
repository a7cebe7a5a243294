/** Packed cells: Huffman codes of numbers and of runs of zeros (docs/protocol.md). The twin of halftone_wire/packed.py. */

export class PackedError extends Error {}

/** Arrays of these types are coded whole; others byte by byte, by rank. */
export type WholeCells = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

const ZEROS = 0;
const CELLS = 1;
const CODED = 2;
const LONGEST = 12;
const WORDS = 1 << LONGEST;
/** Stands for several unused symbols, in a list of lengths. */
const UNUSED = 15;
/** Symbols below stand for runs of zeros, from LARGE on for ranges of numbers. */
const RUNS = 32;
const LARGE = RUNS + 255;
const SYMBOLS = LARGE + 96;
/** No plane is longer: a longer run is no whole number of 32 bits. */
const LONGEST_RUN = 30;
/** Entries of the table between these stand for one number, 1 to 255, without bits behind it. */
const FIRST_NUMBER = RUNS << 4;
const LAST_NUMBER = LARGE << 4;

// By symbol: the least number it stands for, and the bits that follow it.
const FIRSTS = new Float64Array(SYMBOLS);
const BITS = new Uint8Array(SYMBOLS);
for (let symbol = 0; symbol < SYMBOLS; symbol += 1) {
  const power = (symbol - LARGE) >> 2;
  BITS[symbol] = symbol < RUNS ? symbol : symbol < LARGE ? 0 : power + 6;
  if (symbol < RUNS) FIRSTS[symbol] = 2 ** symbol;
  else if (symbol < LARGE) FIRSTS[symbol] = symbol - RUNS + 1;
  else FIRSTS[symbol] = (4 + ((symbol - LARGE) & 3)) * 2 ** (power + 6);
}

// Used by one plane at a time.
const lengths = new Uint8Array(SYMBOLS);
const table = new Uint16Array(WORDS);

/** Fills `sections`, which are zero, with the cells of `data`. Throws PackedError for damaged data. */
export function unpack(data: Uint8Array, sections: readonly WholeCells[]): void {
  let at = 0;
  for (const cells of sections) at = unpackSection(data, at, cells);
  if (at !== data.length) throw new PackedError("packed cells go on behind their end");
}

function unpackSection(data: Uint8Array, at: number, cells: WholeCells): number {
  const kind = data[at];
  if (kind === ZEROS) return at + 1;
  if (kind === CELLS) {
    const end = at + 1 + cells.byteLength;
    if (end > data.length) throw damaged();
    new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength).set(data.subarray(at + 1, end));
    return end;
  }
  if (kind !== CODED) throw damaged();
  const half = readLengths(data, at + 1);
  fillTable();
  return readSymbols(data, half, cells);
}

/** Returns the half byte after the list. */
function readLengths(data: Uint8Array, at: number): number {
  lengths.fill(0);
  const listed = (data[at] ?? 0) + 256 * (data[at + 1] ?? 0);
  let half = 2 * at + 4;
  let symbol = 0;
  while (symbol < listed && symbol < SYMBOLS) {
    const length = halfByte(data, half);
    half += 1;
    if (length === UNUSED) {
      symbol += halfByte(data, half) + 16 * halfByte(data, half + 1) + 1;
      half += 2;
    } else if (length <= LONGEST) {
      lengths[symbol] = length;
      symbol += 1;
    } else {
      throw damaged();
    }
  }
  if (symbol !== listed || symbol > SYMBOLS) throw damaged();
  return half;
}

/** Behind the end, one that is no length. */
function halfByte(data: Uint8Array, half: number): number {
  const byte = data[half >> 1];
  return byte === undefined ? LONGEST + 1 : (byte >> (4 * (half & 1))) & 15;
}

/** By the next 12 bits: the symbol (times 16) and the length of its code; 0: no code. Canonical, first bit lowest. */
function fillTable(): void {
  table.fill(0);
  let code = 0;
  for (let length = 1; length <= LONGEST; length += 1) {
    code <<= 1;
    for (let symbol = 0; symbol < SYMBOLS; symbol += 1) {
      if (lengths[symbol] !== length) continue;
      if (code >= 1 << length) throw damaged();
      const entry = symbol * 16 + length;
      for (let word = reversed(code, length); word < WORDS; word += 1 << length) table[word] = entry;
      code += 1;
    }
  }
}

function reversed(code: number, bits: number): number {
  let turned = 0;
  for (let bit = 0; bit < bits; bit += 1) turned = (turned << 1) | ((code >> bit) & 1);
  return turned;
}

/** Returns the byte after the last one. The loop runs for each cell that is not zero: small numbers call nothing. */
function readSymbols(data: Uint8Array, half: number, cells: WholeCells): number {
  const { length: size } = cells;
  const largest = 2 ** (8 * cells.BYTES_PER_ELEMENT) - 1;
  const bytes = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const lastWhole = 8 * (data.length - 4);
  let at = 4 * half;
  let filled = 0;
  while (filled < size) {
    // 25 bits and more: the codes of two symbols.
    let word = at <= lastWhole ? bytes.getUint32(at >> 3, true) >>> (at & 7) : wordAt(data, at);
    let entry = table[word & (WORDS - 1)] as number;
    if (entry >= FIRST_NUMBER && entry < LAST_NUMBER) {
      cells[filled++] = (entry >> 4) - RUNS + 1;
      at += entry & 15;
      if (filled === size) break;
      word >>>= entry & 15;
      entry = table[word & (WORDS - 1)] as number;
      if (entry >= FIRST_NUMBER && entry < LAST_NUMBER) {
        cells[filled++] = (entry >> 4) - RUNS + 1;
        at += entry & 15;
        continue;
      }
    }
    if (entry === 0) throw damaged();
    const symbol = entry >> 4;
    const more = BITS[symbol] as number;
    at += entry & 15;
    const rest = more === 0 ? 0 : bitsAt(data, at, more);
    at += more;
    if (symbol < RUNS) {
      if (symbol > LONGEST_RUN) throw damaged();
      filled += (1 << symbol) + rest;
    } else {
      const value = (FIRSTS[symbol] as number) + rest;
      if (value > largest) throw damaged();
      cells[filled++] = value;
    }
  }
  const end = (at + 7) >> 3;
  if (filled > size || end > data.length) throw damaged();
  return end;
}

function bitsAt(data: Uint8Array, at: number, count: number): number {
  if (count <= 25) return wordAt(data, at) & ((1 << count) - 1);
  return bitsAt(data, at, 16) + 65_536 * bitsAt(data, at + 16, count - 16);
}

/** 25 bits and more from a bit on; zeros behind the end. */
function wordAt(data: Uint8Array, bit: number): number {
  const at = bit >> 3;
  const [a, b, c, d] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0, data[at + 3] ?? 0];
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> (bit & 7);
}

function damaged(): PackedError {
  return new PackedError("packed cells are damaged");
}
