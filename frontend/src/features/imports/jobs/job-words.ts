import type { Job, JobState } from "./jobs.ts";

/** As the ingest worker names them. */
const PHASES: Readonly<Record<string, string>> = {
  "": "Working",
  starting: "Starting",
  fetching: "Fetching the data",
  reading: "Reading the file",
  "ranking categories": "Ranking the categories",
  "finding cells": "Finding the place of each row",
  "sorting rows": "Sorting the rows",
  "moving rows": "Moving the rows",
  "making tiles": "Making tiles",
  "noting leaves": "Noting what lies where",
  "drawing a sample": "Drawing a sample",
  checksums: "Checking what was written",
  publishing: "Publishing",
};

export function phaseWords(job: Job): string {
  if (job.cancelling) return "Stopping";
  if (job.state === "queued") return "Waiting for a worker";
  if (job.state === "running") return PHASES[job.phase] ?? job.phase;
  return STATES[job.state];
}

/** What a job works on, in short. */
export function sourceWords({ kind, source, pair }: Job): string {
  return kind === "index" && pair ? `rows by ${pair.x} and ${pair.y}` : source;
}

export const STATES: Record<JobState, string> = {
  queued: "Waiting",
  running: "Running",
  published: "Published",
  failed: "Failed",
  cancelled: "Cancelled",
};

export const STATE_COLORS: Record<JobState, string> = {
  queued: "gray",
  running: "blue",
  published: "teal",
  failed: "red",
  cancelled: "gray",
};
