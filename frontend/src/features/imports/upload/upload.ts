/** Sends a file in parts, and continues where an earlier try ended: by tus, with a checksum of each part. */
import { queryOptions } from "@tanstack/react-query";
import { DetailedError, Upload as TusUpload, type UploadOptions, defaultOptions } from "tus-js-client";
import { api } from "../../../net/rest/api.ts";
import { auth, getAccessToken } from "../../../net/rest/auth.ts";
import { ApiError, problemError } from "../../../net/rest/errors.ts";
import { ChecksumStack } from "./checksum.ts";
import { type FileFormat, isAccepted } from "./formats.ts";

/** A part counts as a whole or not at all: a page that is closed loses at most this much. */
const PART_BYTES = 16 << 20;
/** Longer together than the lease of a connection that broke off without a word. */
const RETRY_MS = [500, 1_000, 3_000, 5_000, 10_000, 20_000, 30_000];

/** How every file is sent. */
export const TUS: UploadOptions = {
  chunkSize: PART_BYTES,
  retryDelays: RETRY_MS,
  httpStack: new ChecksumStack(),
  onBeforeRequest: async (request) => request.setHeader("Authorization", `Bearer ${await getAccessToken()}`),
  onShouldRetry: (error) => mayPass(error.originalResponse?.getStatus() ?? 0),
};

/** A file at the service, not imported yet. */
export interface Upload {
  id: string;
  name: string;
  bytes: number;
}

export const uploadQuery = (id: string) =>
  queryOptions({
    queryKey: ["upload", id],
    queryFn: ({ signal }) => api<Upload>(`/api/uploads/${encodeURIComponent(id)}/`, { signal }),
    staleTime: 60_000,
  });

export interface Sending {
  /** Rejects with an ApiError; with code `cancelled` after `cancel`. */
  result: Promise<Upload>;
  /** Sends no more until `resume`; other tabs may continue meanwhile. */
  pause: () => void;
  resume: () => void;
  /** Ends it, and removes what the service has of it. */
  cancel: () => void;
}

/** Why a file cannot be sent at all; null when it can. */
export function refuseFile(
  file: Pick<File, "name" | "size">,
  formats: readonly FileFormat[],
): ApiError | null {
  if (!isAccepted(formats, file.name)) {
    const endings = formats.flatMap((format) => format.endings).map((ending) => `.${ending}`);
    return new ApiError("unsupported_media_type", `The name must end in one of ${endings.join(", ")}.`);
  }
  return file.size === 0 ? new ApiError("empty_file", "The file is empty.") : null;
}

/** Sends a file, from where this browser stopped sending the same file; `onProgress` gets bytes sent so far and in all. */
export function sendFile(file: File, onProgress: (sent: number, total: number) => void): Sending {
  let resolve: (upload: Promise<Upload>) => void = () => undefined;
  let reject: (error: ApiError) => void = () => undefined;
  const result = new Promise<Upload>((...settle) => ([resolve, reject] = settle));
  const upload = new TusUpload(file, {
    ...TUS,
    endpoint: "/api/uploads/",
    metadata: { filename: file.name },
    fingerprint: () => Promise.resolve(`${prefix()}${file.name}-${file.size}-${file.lastModified}`),
    removeFingerprintOnSuccess: true,
    onProgress,
    onError: (error) => reject(asProblem(error)),
    onSuccess: () => resolve(api<Upload>(upload.url ?? "")),
  });
  const start = async () => {
    const [previous] = await upload.findPreviousUploads();
    if (previous) upload.resumeFromPreviousUpload(previous);
    upload.start();
  };
  void start();
  return {
    result,
    pause: () => void upload.abort(),
    resume: () => upload.start(),
    cancel: () => {
      reject(new ApiError("cancelled", "The upload was cancelled."));
      // Removed at its expiry when the service cannot be reached now.
      upload.abort(true).catch(() => undefined);
    },
  };
}

/** Names and sizes of files that this person began to send from this browser. */
export async function unfinished(): Promise<{ name: string; bytes: number }[]> {
  const all = await defaultOptions.urlStorage.findAllUploads();
  const mine = all.filter(({ urlStorageKey }) => urlStorageKey.startsWith(`tus::${prefix()}`));
  return mine.map(({ metadata, size }) => ({ name: metadata["filename"] ?? "", bytes: size ?? 0 }));
}

/** Of what is kept in this browser: another person at it finds nothing of this one. */
export function prefix(): string {
  return `halftone-${auth.store.getState().user?.id ?? ""}-`;
}

/** Without an answer, of a busy or restarting service, and of a part that arrived wrong or twice. */
function mayPass(status: number): boolean {
  return status === 0 || (status >= 500 && status !== 507) || [401, 409, 423, 429, 460].includes(status);
}

export function asProblem(error: Error): ApiError {
  if (error instanceof ApiError) return error;
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (!response?.getStatus()) return new ApiError("offline", "The connection was lost.");
  return problemError(response.getStatus(), response.getBody(), response.getHeader("Retry-After") ?? null);
}
