/** Sends several files of one shape as one upload: each to an address of its own, one after the other. */
import { Upload as TusUpload } from "tus-js-client";
import { api } from "../../../net/rest/api.ts";
import { asApiError, ApiError } from "../../../net/rest/errors.ts";
import { asProblem, prefix, type Sending, sendFile, TUS, type Upload } from "./upload.ts";

/** One file of a set; `received` bytes are safe. */
export interface Part {
  id: string;
  name: string;
  bytes: number;
  received: number;
}

interface UploadSet extends Upload {
  parts: Part[];
}

/** Bytes sent so far and in all; of a set, also by file. */
export type OnProgress = (sent: number, total: number, parts: readonly Part[]) => void;

/** Sends one file, or several as a set, from where this browser stopped sending the same. */
export function sendFiles(files: readonly File[], onProgress: OnProgress): Sending {
  const [first] = files;
  if (first && files.length === 1) return sendFile(first, (sent, total) => onProgress(sent, total, []));
  const sending = new SetSending(files, onProgress);
  return {
    result: sending.result,
    pause: () => sending.pause(),
    resume: () => sending.resume(),
    cancel: () => sending.cancel(),
  };
}

class SetSending {
  readonly result: Promise<Upload>;
  readonly #files: ReadonlyMap<string, File>;
  readonly #onProgress: OnProgress;
  #reject: (error: ApiError) => void = () => undefined;
  #current: TusUpload | null = null;
  #id = "";
  #paused = false;
  #cancelled = false;

  constructor(files: readonly File[], onProgress: OnProgress) {
    this.#files = new Map(files.map((file) => [file.name, file]));
    this.#onProgress = onProgress;
    const cancelled = new Promise<never>((_, reject) => (this.#reject = reject));
    this.result = Promise.race([this.#send(files), cancelled]);
  }

  pause(): void {
    this.#paused = true;
    void this.#current?.abort();
  }

  resume(): void {
    this.#paused = false;
    this.#current?.start();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#reject(new ApiError("cancelled", "The upload was cancelled."));
    void this.#current?.abort();
    if (this.#id) this.#remove();
  }

  async #send(files: readonly File[]): Promise<Upload> {
    const key = keyOf(files);
    const set = (await begun(key, this.#files)) ?? (await opened(key, files));
    this.#id = set.id;
    // Cancelled before the service had answered.
    if (this.#cancelled) this.#remove();
    for (const part of set.parts) {
      const file = this.#files.get(part.name);
      if (file && part.received < part.bytes) await this.#sendPart(set.parts, part, file);
    }
    localStorage.removeItem(key);
    return await api<Upload>(`/api/uploads/${set.id}/`);
  }

  /** Changes `received` of the part as its bytes go. */
  #sendPart(parts: readonly Part[], part: Part, file: File): Promise<void> {
    return new Promise((resolve, reject) => {
      const upload = new TusUpload(file, {
        ...TUS,
        uploadUrl: `/api/uploads/${part.id}/`,
        onProgress: (sent) => {
          part.received = sent;
          this.#onProgress(sum(parts, "received"), sum(parts, "bytes"), [...parts]);
        },
        onError: (error) => reject(asProblem(error)),
        onSuccess: () => resolve(),
      });
      this.#current = upload;
      if (!this.#paused && !this.#cancelled) upload.start();
    });
  }

  /** Frees the whole set; it goes at its expiry when the service cannot be reached now. */
  #remove(): void {
    TusUpload.terminate(`/api/uploads/${this.#id}/`, TUS).catch(() => undefined);
  }
}

/** Sets that this person began to send from this browser. */
export function unfinishedSets(): { name: string; bytes: number }[] {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(`set::${prefix()}`));
  return keys.map((key) => JSON.parse(localStorage.getItem(key) ?? "") as Upload);
}

/** The set of these files that this browser began to send; null when there is none any more. */
async function begun(key: string, files: ReadonlyMap<string, File>): Promise<UploadSet | null> {
  const kept = localStorage.getItem(key);
  if (!kept) return null;
  try {
    const set = await api<UploadSet>(`/api/uploads/${(JSON.parse(kept) as Upload).id}/`);
    return set.parts.every(({ name, bytes }) => files.get(name)?.size === bytes) ? set : null;
  } catch (error) {
    if (asApiError(error).code === "not_found") return null;
    throw error;
  }
}

async function opened(key: string, files: readonly File[]): Promise<UploadSet> {
  const listed = files.map(({ name, size }) => ({ name, bytes: size }));
  const set = await api<UploadSet>("/api/uploads/sets/", { method: "POST", body: { files: listed } });
  const { id, name, bytes } = set;
  localStorage.setItem(key, JSON.stringify({ id, name: `${name}, ${files.length} files`, bytes }));
  return set;
}

/** Of the same files, in whichever order they were chosen. */
function keyOf(files: readonly File[]): string {
  const first = files.map(({ name }) => name).toSorted()[0] ?? "";
  const bytes = files.reduce((total, { size }) => total + size, 0);
  const newest = Math.max(...files.map(({ lastModified }) => lastModified));
  return `set::${prefix()}${first}-${files.length}-${bytes}-${newest}`;
}

function sum(parts: readonly Part[], figure: "bytes" | "received"): number {
  return parts.reduce((total, part) => total + part[figure], 0);
}
