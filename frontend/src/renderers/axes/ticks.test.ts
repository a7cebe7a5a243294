import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayOf, numberText, ticksOf, valueText } from "./ticks.ts";

const DAY = 86_400e6;
const Y2001 = Date.UTC(2001, 0, 1) * 1000;

describe("ticks", () => {
  it("lie inside the axis and tell neighbours apart", () => {
    const ends = fc
      .tuple(
        fc.double({ min: -1e12, max: 1e12, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
      )
      .map(([lo, width]) => [lo, lo + width + Math.abs(lo) * 1e-9] as const);
    fc.assert(
      fc.property(ends, fc.constantFrom("number" as const, "time" as const), ([lo, hi], type) => {
        const ticks = ticksOf(type, lo, hi, 6);
        for (const { at } of ticks) {
          // A date has whole milliseconds.
          expect(at).toBeGreaterThanOrEqual(lo - 1000);
          expect(at).toBeLessThanOrEqual(hi + 1000);
        }
        // Times of day repeat on the next day; numbers never do.
        const labels = new Set<unknown>(type === "number" ? ticks.map(({ label }) => label) : ticks);
        expect(labels.size).toBe(ticks.length);
      }),
    );
  });

  it.each([
    [0, 5e-324],
    [0, 1e-322],
    [-3e-310, 1e-309],
    [1e-306, 4e-306],
    [0, 1e-291],
    [-(2 ** 1000), 2 ** 1000],
    [0, 1e300],
  ])("are there for numbers from %d to %d", (lo, hi) => {
    const ticks = ticksOf("number", lo, hi, 6);
    expect(ticks.length).toBeGreaterThan(1);
    for (const { at, label } of ticks) {
      expect(at >= lo && at <= hi).toBe(true);
      expect(Math.abs(Number(label.replace("\u2212", "-")) - at)).toBeLessThanOrEqual((hi - lo) / 20);
    }
    expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
  });

  it("speak of months, days and hours as the span asks", () => {
    const labels = (span: number) => ticksOf("time", Y2001, Y2001 + span, 4).map(({ label }) => label);
    expect(labels(181 * DAY)).toContain("February");
    expect(labels(4 * DAY)).toContain("Tue 02");
    expect(labels(0.4 * DAY)).toContain("03 AM");
  });

  it("go on below the millisecond", () => {
    const ticks = ticksOf("time", Y2001 + 100, Y2001 + 160, 3);
    expect(ticks.map(({ label }) => label)).toContain("00.000120".padStart(12, "00:00:").slice(-12));
  });

  it("stay short for large numbers", () => {
    for (const { label } of ticksOf("number", 0, 3e9, 6)) expect(label.length).toBeLessThanOrEqual(6);
  });

  it("are none on an axis that is not one", () => {
    expect(ticksOf("number", 1, 1, 5)).toEqual([]);
    expect(ticksOf("number", 0, Number.POSITIVE_INFINITY, 5)).toEqual([]);
  });
});

it("names the day when the ticks are hours", () => {
  expect(dayOf("time", Y2001, Y2001 + 60e6)).toBe("2001-01-01 UTC");
  expect(dayOf("time", Y2001, Y2001 + DAY)).toBe("2001-01-01 to 2001-01-02 UTC");
  expect([dayOf("time", Y2001, Y2001 + 9 * DAY), dayOf("number", 0, 1)]).toEqual(["", ""]);
});

describe("times in milliseconds", () => {
  const year = (value: number) => new Date(0).setUTCFullYear(value, 0, 1);

  it("have ticks from year 1 to year 9999, in four digits", () => {
    const ticks = ticksOf("time_ms", year(1), year(9999), 5);
    expect(ticks.map(({ label }) => label)).toEqual(["2000", "4000", "6000", "8000"]);
    expect(ticks[0]?.at).toBe(Date.UTC(2000, 0, 1));
    expect(ticksOf("time_ms", year(1), year(900), 5).map(({ label }) => label)).toContain("0400");
    expect(ticksOf("time_ms", year(9000), year(11_000), 4).map(({ label }) => label)).toContain("10000");
  });

  it("read as precisely as the cell", () => {
    expect(valueText("time_ms", year(1), 86_400e3)).toBe("0001-01-01 00:00");
    expect(valueText("time_ms", year(9999) + 1_500, 2_000)).toBe("9999-01-01 00:00:01");
    expect(valueText("time_ms", year(9999) + 1_500, 1)).toBe("9999-01-01 00:00:01.500");
    expect(valueText("time_ms", year(10_001), 86_400e3)).toBe("10001-01-01 00:00");
    expect(valueText("time_ms", 1e16, 1)).toBe("1.0000e+16");
  });

  it("name the day when the ticks are hours", () => {
    expect(dayOf("time_ms", year(33), year(33) + 60_000)).toBe("0033-01-01 UTC");
    expect(dayOf("time_ms", year(33), year(34))).toBe("");
  });
});

describe("values", () => {
  it("are as precise as the cell", () => {
    expect(valueText("time", Y2001 + 90e6, 3600e6)).toBe("2001-01-01 00:01");
    expect(valueText("time", Y2001 + 90e6, 2e6)).toBe("2001-01-01 00:01:30");
    expect(valueText("time", Y2001 + 1500, 1e3)).toBe("2001-01-01 00:00:00.001");
    expect(valueText("time", Y2001 + 1500, 1)).toBe("2001-01-01 00:00:00.001500");
    expect(valueText("number", 12.345678, 0.5)).toBe("12.35");
  });

  it("before 1970 count down, not up", () => {
    expect(valueText("time", -1, 1)).toBe("1969-12-31 23:59:59.999999");
  });

  it("keep seven digits where nothing is said", () => {
    expect([numberText(1_234_567), numberText(0.1 + 0.2), numberText(0)]).toEqual(["1,234,567", "0.3", "0"]);
    expect([numberText(1e20), numberText(1e-9)]).toEqual(["1.0000e+20", "1.0000e-9"]);
  });
});
