/** The preview of an upload: what its import would make of it, from a sample. */
import { queryOptions } from "@tanstack/react-query";
import { type Column, readColumn } from "../../../model/column.ts";
import { type Changes, isUnchanged, type Reading, type Unreadable } from "../../../model/reading.ts";
import { after } from "../../../net/after.ts";
import { api } from "../../../net/rest/api.ts";
import { ApiError } from "../../../net/rest/errors.ts";

/** A picture of the sample: rows of each cell, the bottom row first. Without a `y` the counts are heights of bars. */
export interface Sketch {
  x: string;
  y: string | null;
  x_min: number;
  x_max: number;
  y_min: number | null;
  y_max: number | null;
  width: number;
  height: number;
  counts: number[];
}

export interface Preview {
  reading: Reading;
  columns: Column[];
  /** By name of the column. */
  unreadable: Readonly<Record<string, Unreadable>>;
  /** Texts of the first rows, a cell for each of `columns`; null where it is missing. */
  rows: (string | null)[][];
  sampled_rows: number;
  rows_total: number | null;
  /** The sample is the whole file. */
  whole: boolean;
  picture: Sketch | null;
  /** Why Explore would show nothing, as a sentence; empty when it would show something. */
  nothing_to_draw: string;
}

interface PreviewJob {
  id: string;
  state: "queued" | "running" | "ready" | "failed";
  result: (Omit<Preview, "columns"> & { columns: unknown[] }) | null;
  error: { code: string; detail: string; field: string } | null;
}

/** How long a request waits for the preview, in seconds. */
const WAIT_SECONDS = 10;
/** Between two requests, also when the service does not wait. */
const PAUSE_MS = 250;

export const previewQuery = (upload: string, dataset: string, changes: Changes) =>
  queryOptions({
    queryKey: ["preview", upload, dataset, changes],
    queryFn: ({ signal }) => fetchPreview(upload, dataset, changes, signal),
    // An upload never changes: what was read once is not read again.
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What goes with a request: nothing for the judgement as it is. */
export function readingBody(changes: Changes): { reading?: Changes } {
  return isUnchanged(changes) ? {} : { reading: changes };
}

async function fetchPreview(
  upload: string,
  dataset: string,
  changes: Changes,
  signal: AbortSignal,
): Promise<Preview> {
  const path = `/api/uploads/${encodeURIComponent(upload)}/preview/`;
  const body = { ...(dataset && { dataset }), ...readingBody(changes) };
  let job = await api<PreviewJob>(path, { method: "POST", body, signal });
  while (job.state === "queued" || job.state === "running") {
    await pause(PAUSE_MS);
    job = await api<PreviewJob>(`${path}${encodeURIComponent(job.id)}/`, {
      query: { wait: WAIT_SECONDS },
      signal,
    });
  }
  if (job.state === "failed" || !job.result) {
    const { code = "internal", detail = "", field = "" } = job.error ?? {};
    throw new ApiError(code, detail, { status: 422, field });
  }
  return { ...job.result, columns: job.result.columns.map(readColumn) };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    after(ms, () => resolve());
  });
}
