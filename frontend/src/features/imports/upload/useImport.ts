import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { api } from "../../../net/rest/api.ts";
import type { Job } from "../jobs/jobs.ts";
import { uploadFile } from "./upload.ts";

export interface ImportForm {
  file: File;
  title: string;
  /** Slug of a dataset that gets a new version; empty for a new dataset. */
  dataset: string;
}

export interface Sent {
  bytes: number;
  total: number;
  /** Epoch ms of the first byte and of this figure. */
  startedAt: number;
  at: number;
}

/** Upload, then an import job: the two steps behind one button. `onQueued` gets the job. */
export function useImport(onQueued: (job: Job) => void) {
  const [sent, setSent] = useState<Sent | null>(null);
  const aborter = useRef<AbortController | null>(null);
  const mutation = useMutation({
    mutationFn: async ({ file, title, dataset }: ImportForm) => {
      const controller = new AbortController();
      aborter.current = controller;
      const startedAt = Date.now();
      setSent({ bytes: 0, total: file.size, startedAt, at: startedAt });
      const upload = await uploadFile(file, {
        onProgress: (bytes, total) => setSent({ bytes, total, startedAt, at: Date.now() }),
        signal: controller.signal,
      });
      const target = dataset ? { dataset } : { title };
      return api<Job>("/api/imports/", { method: "POST", body: { upload: upload.id, ...target } });
    },
    onSuccess: onQueued,
    onSettled: () => setSent(null),
  });
  return { ...mutation, sent, cancel: () => aborter.current?.abort() };
}
