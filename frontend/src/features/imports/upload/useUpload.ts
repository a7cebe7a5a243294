import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { type Part, sendFiles } from "./set.ts";
import { type Sending, type Upload, uploadQuery } from "./upload.ts";

export interface Sent {
  bytes: number;
  total: number;
  /** Bytes that an earlier try has sent, or that were sent before a pause. */
  before: number;
  /** Epoch ms of the first byte after those, and of this figure. */
  startedAt: number;
  at: number;
}

/** Sends a file, or several as one upload, which `onSent` gets. */
export function useUpload(onSent: (upload: Upload) => void) {
  const [sent, setSent] = useState<Sent | null>(null);
  const [parts, setParts] = useState<readonly Part[]>([]);
  const [paused, setPaused] = useState(false);
  const sending = useRef<Sending | null>(null);
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: (files: readonly File[]) => {
      setPaused(false);
      setSent(null);
      setParts([]);
      sending.current = sendFiles(files, (bytes, total, now) => {
        setSent((last) => next(last, bytes, total));
        setParts(now);
      });
      return sending.current.result;
    },
    onSuccess: (upload) => {
      client.setQueryData(uploadQuery(upload.id).queryKey, upload);
      onSent(upload);
    },
    onSettled: () => setSent(null),
  });
  return {
    ...mutation,
    sent,
    parts,
    paused,
    pause: () => {
      sending.current?.pause();
      setPaused(true);
    },
    resume: () => {
      // The speed is measured anew.
      setSent(null);
      setPaused(false);
      sending.current?.resume();
    },
    cancel: () => sending.current?.cancel(),
  };
}

/** The figure after `last`; the first says where this try begins, and so does one that goes back. */
export function next(last: Sent | null, bytes: number, total: number, at = Date.now()): Sent {
  if (!last || bytes < last.before) return { bytes, total, before: bytes, startedAt: at, at };
  return { ...last, bytes, total, at };
}
