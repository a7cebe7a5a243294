/** Sends a file with progress, by XMLHttpRequest: fetch reports no progress of a request body. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "../../../net/rest/api.ts";
import { getAccessToken } from "../../../net/rest/auth.ts";
import { ApiError, problemError } from "../../../net/rest/errors.ts";
import { type FileFormat, isAccepted } from "./formats.ts";

export const MAX_BYTES = 1 << 30;

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

export interface UploadOptions {
  /** Bytes sent so far and in all. */
  onProgress: (sent: number, total: number) => void;
  signal: AbortSignal;
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
  if (file.size === 0) return new ApiError("empty_file", "The file is empty.");
  return file.size > MAX_BYTES ? new ApiError("body_too_large", "The file is larger than 1 GiB.") : null;
}

/** Rejects with an ApiError; with code `cancelled` when `signal` aborts. */
export async function uploadFile(file: File, options: UploadOptions): Promise<Upload> {
  const token = await getAccessToken();
  if (options.signal.aborted) throw cancelled();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/uploads/");
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => options.onProgress(event.loaded, event.total));
    request.addEventListener("load", () => settle(request, resolve, reject));
    request.addEventListener("error", () => reject(new ApiError("offline", "The connection was lost.")));
    request.addEventListener("abort", () => reject(cancelled()));
    options.signal.addEventListener("abort", () => request.abort(), { once: true });
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });
}

function settle(
  request: XMLHttpRequest,
  resolve: (upload: Upload) => void,
  reject: (error: ApiError) => void,
): void {
  if (request.status < 200 || request.status >= 300) {
    reject(problemError(request.status, request.responseText, request.getResponseHeader("Retry-After")));
    return;
  }
  resolve(JSON.parse(request.responseText) as Upload);
}

function cancelled(): ApiError {
  return new ApiError("cancelled", "The upload was cancelled.");
}
