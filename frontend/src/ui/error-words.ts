/**
 * Errors in words. A failed request is recognised by its shape: ui imports no other room.
 */
export interface RequestError extends Error {
  /** One of docs/errors.md, or the page's own (`offline`, `bad_gateway`). */
  code: string;
  status: number;
  field: string;
  requestId: string;
}

export function isRequestError(error: unknown): error is RequestError {
  return error instanceof Error && "code" in error && typeof error.code === "string" && "requestId" in error;
}

/** What happened and what to do, in plain words. */
export interface ErrorWords {
  title: string;
  advice: string;
}

const FILE_ADVICE = "Change how the file is read, or fix it and upload it again. Nothing was stored.";

const WORDS: Readonly<Record<string, ErrorWords>> = {
  offline: {
    title: "Halftone cannot be reached",
    advice: "Check the connection, then try again. What is on the screen stays.",
  },
  bad_gateway: {
    title: "The service does not respond",
    advice: "It may be restarting. Try again in a moment.",
  },
  page_outdated: {
    title: "This page is out of date",
    advice: "Load it again to get the release of the server.",
  },
  auth_unavailable: {
    title: "The account service does not respond",
    advice: "It may be restarting. Try again in a moment.",
  },
  compute_unavailable: {
    title: "The compute service does not respond",
    advice: "It may be restarting. Try again in a moment.",
  },
  storage_unavailable: {
    title: "The storage does not respond",
    advice: "It may be restarting. Try again in a moment.",
  },
  overloaded: { title: "Halftone is busy", advice: "Try again in a moment." },
  rate_limited: { title: "Too many attempts", advice: "Wait a moment before the next one." },
  auth_required: { title: "You are signed out", advice: "Sign in to continue." },
  token_invalid: { title: "You are signed out", advice: "Sign in to continue." },
  token_expired: { title: "Your session ended", advice: "Sign in to continue." },
  token_not_yet_valid: {
    title: "The clocks disagree",
    advice: "The clock of the server or of this computer is wrong. Tell an administrator of Halftone.",
  },
  forbidden: {
    title: "You are not allowed to do this",
    advice: "Ask the owner of the dataset for more rights.",
  },
  origin_refused: {
    title: "This address is not allowed",
    advice: "Open Halftone at its usual address, or have this one added to the allowed origins.",
  },
  not_found: { title: "There is nothing here", advice: "It was removed, or it is not shared with you." },
  unknown_dataset: {
    title: "There is no such dataset",
    advice: "It was deleted, or it is not shared with you. Ask its owner for access.",
  },
  version_gone: {
    title: "This version is gone",
    advice: "Open the dataset again to see its newest version.",
  },
  conflict: {
    title: "That cannot be done as things are now",
    advice: "Load the page again if it looks out of date.",
  },
  cancelled: { title: "Cancelled", advice: "Nothing was stored." },
  body_too_large: {
    title: "The file is too large",
    advice: "It is larger than this service takes. Split it, or use Parquet.",
  },
  quota_exceeded: {
    title: "Your storage quota is used up",
    advice: "Delete a dataset you no longer need, then try again.",
  },
  no_space: {
    title: "The server's disk is full",
    advice: "Tell an administrator of Halftone. Nothing was stored.",
  },
  upload_conflict: { title: "The upload was interrupted", advice: "Upload the file again." },
  upload_locked: { title: "Another tab sends this file", advice: "Wait for it, or close it and try again." },
  lease_lost: { title: "Another worker took the job over", advice: "Wait: the import continues by itself." },
  unsupported_media_type: {
    title: "This type of file cannot be read",
    advice: "Choose a file of another format.",
  },
  empty_file: { title: "The file holds no rows", advice: "Export it again with its rows, then upload it." },
  corrupt_parquet: {
    title: "The Parquet file is damaged",
    advice: "It ends early or was changed. Export it again, then upload it. Nothing was stored.",
  },
  ragged_row: { title: "A row has too many or too few cells", advice: FILE_ADVICE },
  type_mismatch: { title: "The file is not of the format that its name says", advice: FILE_ADVICE },
  unsupported_type: {
    title: "A column has a type that cannot be used",
    advice: `Convert that column. ${FILE_ADVICE}`,
  },
  bad_encoding: {
    title: "The text has another encoding",
    advice: "Choose the encoding of the file, or save it as UTF-8 and upload it again.",
  },
  line_too_long: { title: "A line is too long", advice: "A quote that is never closed is the usual cause." },
  too_many_columns: {
    title: "Too many columns",
    advice: "Up to 2,000 columns can be imported. Keep those you need.",
  },
  too_large_uncompressed: {
    title: "The file is too large once unpacked",
    advice: "Split it and import the parts.",
  },
  bad_column_name: {
    title: "A column name cannot be used",
    advice: "Names must not be empty, repeated or very long. Rename the column and upload the file again.",
  },
  checksum_mismatch: { title: "The file changed during the upload", advice: "Upload it again." },
  parser_crash: {
    title: "The file could not be read",
    advice: "Check that the file is whole and of the format that its name says, then upload it again.",
  },
  data_corrupt: {
    title: "Stored data is damaged",
    advice: "Tell an administrator of Halftone, with the id below.",
  },
  internal: {
    title: "Something went wrong in Halftone",
    advice: "Try again. If it stays, report the id below.",
  },
};

const UNKNOWN: ErrorWords = {
  title: "Something went wrong on this page",
  advice: "Try again. The rest of Halftone still works.",
};

export function wordsOfCode(code: string): ErrorWords | undefined {
  return Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
}

export function errorWords(error: unknown): ErrorWords {
  if (!isRequestError(error)) return UNKNOWN;
  const known = wordsOfCode(error.code);
  if (known) return known;
  return { title: error.message || UNKNOWN.title, advice: "Try again, or report the id below." };
}

/** The detail of a service, empty when it repeats the title. */
export function furtherDetail(title: string, detail: string): string {
  return detail.replace(/\.$/, "") === title ? "" : detail;
}

/** What a report of the error needs, as text for the clipboard. */
export function errorDetails(error: unknown, address: string, at: Date): string {
  const lines = [`when: ${at.toISOString()}`, `where: ${address}`];
  if (isRequestError(error)) {
    lines.push(`code: ${error.code}`, `status: ${error.status}`, `detail: ${error.message}`);
    if (error.field) lines.push(`field: ${error.field}`);
    if (error.requestId) lines.push(`request: ${error.requestId}`);
  } else if (error instanceof Error) {
    lines.push(`error: ${error.name}: ${error.message}`, error.stack ?? "");
  } else {
    lines.push(`error: ${String(error)}`);
  }
  return lines.join("\n").trimEnd();
}
