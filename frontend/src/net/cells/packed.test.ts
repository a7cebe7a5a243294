import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
// Made by halftone_wire; its tests hold them equal to what it packs today.
import samples from "./packed-samples.json" with { type: "json" };
import { PackedError, unpack } from "./packed.ts";

type Sample = (typeof samples)[number];

const fromBase64 = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const bytesOf = ({ data }: Sample) => fromBase64(data);
const sample = (name: string) => samples.find((each) => each.name === name) as Sample;
const WHOLE = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array } as const;
const whole = samples.filter((each) => each.dtype in WHOLE);
const cellsOf = ({ dtype, count }: Sample) => new WHOLE[dtype as keyof typeof WHOLE](count);

describe("packed cells", () => {
  it.each(whole.map((each) => [each.name, each] as const))("are read: %s", (_name, each) => {
    const cells = cellsOf(each);
    unpack(bytesOf(each), [cells]);
    expect(new Uint8Array(cells.buffer)).toEqual(fromBase64(each.cells));
  });

  it("are refused where they end early or go on", () => {
    for (const each of whole) {
      const data = bytesOf(each);
      expect(() => unpack(data.subarray(0, data.length - 1), [cellsOf(each)])).toThrow(PackedError);
      expect(() => unpack(Uint8Array.from([...data, 0]), [cellsOf(each)])).toThrow(PackedError);
    }
  });

  it("are refused where a number or a run does not fit", () => {
    const large = sample("large counts");
    expect(() => unpack(bytesOf(large), [new Uint8Array(large.count)])).toThrow(PackedError);
    const run = sample("ends with a run");
    expect(() => unpack(bytesOf(run), [new Uint8Array(run.count - 1)])).toThrow(PackedError);
    // One code, for runs of 2^31 zeros and more.
    const longest = Uint8Array.from([2, 32, 0, 0xef, 0x11, 0, 0, 0, 0]);
    expect(() => unpack(longest, [new Uint8Array(9)])).toThrow(PackedError);
  });

  it("give an error and nothing else for any other bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 3000 }), (data, size) => {
        try {
          unpack(Uint8Array.from([2, ...data]), [new Uint16Array(size)]);
        } catch (error) {
          expect(error).toBeInstanceOf(PackedError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("give an error or cells for damaged ones", () => {
    const data = bytesOf(sample("dense"));
    let refused = 0;
    for (let bit = 0; bit < 8 * data.length; bit += 1) {
      const broken = data.slice();
      broken[bit >> 3] = (broken[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        unpack(broken, [new Uint8Array(400)]);
      } catch (error) {
        expect(error).toBeInstanceOf(PackedError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(0);
  });
});
