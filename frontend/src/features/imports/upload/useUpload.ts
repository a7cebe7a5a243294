import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { type Upload, uploadFile, uploadQuery } from "./upload.ts";

export interface Sent {
  bytes: number;
  total: number;
  /** Epoch ms of the first byte and of this figure. */
  startedAt: number;
  at: number;
}

/** Sends a file; `onSent` gets its upload. */
export function useUpload(onSent: (upload: Upload) => void) {
  const [sent, setSent] = useState<Sent | null>(null);
  const aborter = useRef<AbortController | null>(null);
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: (file: File) => {
      const controller = new AbortController();
      aborter.current = controller;
      const startedAt = Date.now();
      setSent({ bytes: 0, total: file.size, startedAt, at: startedAt });
      return uploadFile(file, {
        onProgress: (bytes, total) => setSent({ bytes, total, startedAt, at: Date.now() }),
        signal: controller.signal,
      });
    },
    onSuccess: (upload) => {
      client.setQueryData(uploadQuery(upload.id).queryKey, upload);
      onSent(upload);
    },
    onSettled: () => setSent(null),
  });
  return { ...mutation, sent, cancel: () => aborter.current?.abort() };
}
