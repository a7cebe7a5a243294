/** Codes of errors that pass by themselves: the request is sent again. */
export const TRANSIENT: ReadonlySet<string> = new Set([
  "overloaded",
  "rate_limited",
  "deadline_exceeded",
  "compute_unavailable",
  "auth_unavailable",
  "storage_unavailable",
]);
