import { expect, test } from "vitest";
import { phaseWords } from "./job-words.ts";
import { fractionDone, type Job, tookSeconds } from "./jobs.ts";
import { job } from "./testing.ts";

test.each<[Partial<Job>, number | null]>([
  [{ rows: 50, rows_total: 200 }, 0.25],
  [{ rows: 300, rows_total: 200 }, 1],
  [{ bytes: 30, bytes_total: 120 }, 0.25],
  [{ bytes: 0, bytes_total: 120 }, null],
  [{ bytes: 120, bytes_total: 120 }, null],
  [{ bytes: 0, bytes_total: 0 }, null],
  [{ state: "published" }, 1],
])("%o is %s done", (part, fraction) => {
  expect(fractionDone(job(part))).toBe(fraction);
});

test("how long it took is known once it is over", () => {
  expect(tookSeconds(job({ started_at: "2026-01-01T00:00:00Z" }))).toBeNull();
  expect(tookSeconds(job({ started_at: "2026-01-01T00:00:00Z", finished_at: "2026-01-01T00:01:30Z" }))).toBe(
    90,
  );
});

test.each<[Partial<Job>, string]>([
  [{ state: "queued", phase: "" }, "Waiting for a worker"],
  [{ phase: "reading" }, "Reading the file"],
  [{ phase: "something new" }, "something new"],
  [{ cancelling: true }, "Stopping"],
  [{ state: "failed" }, "Failed"],
])("%o reads: %s", (part, words) => {
  expect(phaseWords(job(part))).toBe(words);
});
