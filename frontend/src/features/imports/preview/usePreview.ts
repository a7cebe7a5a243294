import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type Changes, nameFaults, NO_CHANGES, type Reading, withChanges } from "../../../model/reading.ts";
import { ApiError } from "../../../net/rest/errors.ts";
import { type Preview, previewQuery } from "./preview.ts";

/** A preview is made again when changes have rested this long. */
const REST_MS = 400;

export interface PreviewState {
  changes: Changes;
  setChanges: (next: (changes: Changes) => Changes) => void;
  /** The newest that could be made; null before the first. It stays while another is made. */
  preview: Preview | null;
  /** That of the preview, with every change since; null before the first. */
  reading: Reading | null;
  /** What is wrong with names, by the name in the file. */
  faults: Readonly<Record<string, string>>;
  /** A preview with the newest changes is being made. */
  isStale: boolean;
  /** Why there is none with the newest changes. */
  error: unknown;
  retry: () => void;
}

/** The preview of an upload, made again when changes rest. */
export function usePreview(upload: string, dataset: string): PreviewState {
  const [changes, setChanges] = useState<Changes>(NO_CHANGES);
  const [made, setMade] = useState<Preview | null>(null);
  const [settled] = useDebouncedValue(changes, REST_MS);
  const [sent, setSent] = useState<Changes>(NO_CHANGES);
  const reading = useMemo(() => made && withChanges(made.reading, changes), [made, changes]);
  const faults = useMemo(() => nameFaults(reading?.columns ?? []), [reading]);
  // Names that cannot be are corrected first: nothing is sent with them.
  const isSendable = settled === changes && Object.keys(faults).length === 0;
  if (isSendable && sent !== changes) setSent(changes);
  const { data, error, isFetching, refetch } = useQuery(previewQuery(upload, dataset, sent));
  if (data && data !== made) setMade(data);
  return {
    changes,
    setChanges,
    preview: data ?? made,
    reading,
    faults,
    isStale: isFetching || sent !== changes,
    error: isFetching ? null : error,
    retry: () => void refetch(),
  };
}

/** The part of a reading that an error speaks of: `dialect.decimal`, or `columns.` and a name in the file. */
export function faultyPart(error: unknown): { part: string; detail: string } | null {
  if (!(error instanceof ApiError) || !error.field.startsWith("reading.")) return null;
  return { part: error.field.slice("reading.".length), detail: error.message };
}
