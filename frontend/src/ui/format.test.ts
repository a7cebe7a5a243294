import { expect, test } from "vitest";
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
} from "./format.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1 kB"],
  [1_550_000, "1.6 MB"],
  [999_960, "1 MB"],
  [1_073_741_824, "1.1 GB"],
  [5e15, "5,000 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0 s"],
  [-3, "0 s"],
  [59.6, "1 min 0 s"],
  [3_599, "59 min 59 s"],
  [7_260, "2 h 1 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [3_000_000, "3,000,000"],
  [0.1 + 0.2, "0.3"],
  [0, "0"],
  [-0.00001, "-1.0000e-5"],
  [1e20, "1.0000e+20"],
])("%d reads %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test.each([
  ["2026-01-08T11:59:30Z", "just now"],
  ["2026-01-08T12:00:30Z", "just now"],
  ["2026-01-08T11:58:00Z", "2 minutes ago"],
  ["2026-01-08T09:00:00Z", "3 hours ago"],
  ["2026-01-07T09:00:00Z", "yesterday"],
])("%s was %s", (iso, words) => {
  expect(formatAge(iso, Date.parse("2026-01-08T12:00:00Z"))).toBe(words);
});

test("what is older than a week has its date", () => {
  expect(formatAge("2025-06-01T12:00:00Z", Date.parse("2026-01-08T12:00:00Z"))).toMatch(/Jun 1, 2025/);
});

test("counts and shares are rounded", () => {
  expect(formatCount(1234.6)).toBe("1,235");
  expect(formatPercent(0.126)).toBe("13%");
});
