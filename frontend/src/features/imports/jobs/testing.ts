import type { Job } from "./jobs.ts";

/** A running job, with what a test says otherwise. */
export function job(part: Partial<Job> = {}): Job {
  return {
    id: "j1",
    kind: "ingest",
    state: "running",
    phase: "reading",
    dataset: "flights",
    title: "Flights",
    upload: "up1",
    version: null,
    source: "flights.csv",
    pair: null,
    rows: 0,
    rows_total: null,
    bytes: 0,
    bytes_total: 0,
    rows_per_second: null,
    eta_seconds: null,
    cancelling: false,
    skipped: [],
    unreadable: {},
    warnings: [],
    error: null,
    created_at: "2026-01-01T00:00:00Z",
    started_at: null,
    finished_at: null,
    ...part,
  };
}
