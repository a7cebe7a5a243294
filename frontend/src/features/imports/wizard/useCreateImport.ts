import { useMutation } from "@tanstack/react-query";
import type { Changes } from "../../../model/reading.ts";
import { api } from "../../../net/rest/api.ts";
import type { Job } from "../jobs/jobs.ts";
import { readingBody } from "../preview/preview.ts";

export interface NewImport {
  upload: string;
  title: string;
  /** Slug of a dataset that gets a new version; empty for a new dataset. */
  dataset: string;
  changes: Changes;
}

/** Asks for the import of an upload; `onQueued` gets the job. */
export function useCreateImport(onQueued: (job: Job) => void) {
  return useMutation({
    mutationFn: ({ upload, title, dataset, changes }: NewImport) => {
      const target = dataset ? { dataset } : { title };
      const body = { upload, ...target, ...readingBody(changes) };
      return api<Job>("/api/imports/", { method: "POST", body });
    },
    onSuccess: onQueued,
  });
}
