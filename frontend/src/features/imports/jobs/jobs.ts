/** Import jobs: shape and calls. */
import { queryOptions } from "@tanstack/react-query";
import type { ReadingWarning, Unreadable } from "../../../model/reading.ts";
import { api } from "../../../net/rest/api.ts";

export type JobState = "queued" | "running" | "published" | "failed" | "cancelled";

export interface Job {
  id: string;
  /** The import of a file, or the rows of a dataset ordered by `pair`. */
  kind: "ingest" | "index";
  state: JobState;
  phase: string;
  /** Slug; null for an import of a new dataset that came to nothing. */
  dataset: string | null;
  /** Of the dataset, also when there is none any more. */
  title: string;
  /** Id of the version, once published. */
  version: string | null;
  /** Id of the uploaded file, which stays when the import fails; null where there is none. */
  upload: string | null;
  /** What its sender called the file. */
  source: string;
  /** The columns that rows shall be ordered by, where a person named them. */
  pair: { x: string; y: string } | null;
  rows: number;
  rows_total: number | null;
  bytes: number;
  bytes_total: number;
  rows_per_second: number | null;
  eta_seconds: number | null;
  cancelling: boolean;
  /** Columns of the file that were left out; `reason` is an error code. */
  skipped: { name: string; dtype: string; reason: string }[];
  /** Cells that did not fit the type of their column, by its name. */
  unreadable: Readonly<Record<string, Unreadable>>;
  warnings: ReadingWarning[];
  error: { code: string; detail: string; field: string } | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

const POLL_MS = 1_000;
/** How often a list without live jobs looks for new ones. */
const IDLE_POLL_MS = 10_000;

export function isLive(job: Job): boolean {
  return job.state === "queued" || job.state === "running";
}

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["job", id],
    queryFn: ({ signal }) => api<Job>(`/api/jobs/${encodeURIComponent(id)}/`, { signal }),
    refetchInterval: ({ state }) => (state.data && !isLive(state.data) ? false : POLL_MS),
  });

export const jobsQuery = () =>
  queryOptions({
    queryKey: ["jobs"],
    queryFn: async ({ signal }) => (await api<{ results: Job[] }>("/api/jobs/", { signal })).results,
    refetchInterval: ({ state }) => (state.data?.some(isLive) ? POLL_MS : IDLE_POLL_MS),
  });

export function cancelJob(id: string): Promise<Job> {
  return api<Job>(`/api/jobs/${encodeURIComponent(id)}/cancel/`, { method: "POST" });
}

/** 0 to 1; null while the total is unknown. */
export function fractionDone({ rows, rows_total, bytes, bytes_total, state }: Job): number | null {
  if (state === "published") return 1;
  if (rows_total) return Math.min(1, rows / rows_total);
  // Bytes read in full do not say how much is left to write.
  return bytes > 0 && bytes < bytes_total ? bytes / bytes_total : null;
}

/** How long the work took; null while it lasts. */
export function tookSeconds(job: Job): number | null {
  if (!job.started_at || !job.finished_at) return null;
  return (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000;
}
