import { useMutation } from "@tanstack/react-query";
import type { Changes } from "../../../model/reading.ts";
import { api } from "../../../net/rest/api.ts";
import type { Pair } from "../../../ui/PairSelect.tsx";
import type { Job } from "../jobs/jobs.ts";
import { readingBody } from "../preview/preview.ts";

export interface NewImport {
  upload: string;
  title: string;
  /** Slug of a dataset that gets a new version; empty for a new dataset. */
  dataset: string;
  changes: Changes;
  /** The columns that rows are ordered by; null: as the service chooses. */
  pair: Pair | null;
}

/** Asks for the import of an upload; `onQueued` gets the job. */
export function useCreateImport(onQueued: (job: Job) => void) {
  return useMutation({
    mutationFn: ({ upload, title, dataset, changes, pair }: NewImport) => {
      const target = dataset ? { dataset } : { title };
      const body = { upload, ...target, ...readingBody(changes), ...(pair && { pair }) };
      return api<Job>("/api/imports/", { method: "POST", body });
    },
    onSuccess: onQueued,
  });
}
