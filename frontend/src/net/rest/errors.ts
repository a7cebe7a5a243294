/** The body of every failed response. */
export interface Problem {
  code: string;
  detail: string;
  field: string;
  request_id: string;
}

/**
 * A request that did not succeed.
 *
 * `code` is one of docs/errors.md, or `offline` (no response) or `bad_gateway` (a response that is
 * not Halftone's, a proxy's page for example). `status` is 0 without a response.
 */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly field: string;
  readonly requestId: string;
  readonly retryAfterMs: number;

  constructor(
    code: string,
    detail: string,
    rest: { status?: number; field?: string; requestId?: string; retryAfterMs?: number } = {},
  ) {
    super(detail);
    this.name = "ApiError";
    this.code = code;
    this.status = rest.status ?? 0;
    this.field = rest.field ?? "";
    this.requestId = rest.requestId ?? "";
    this.retryAfterMs = rest.retryAfterMs ?? 0;
  }
}

/** `Retry-After` in ms; the header holds seconds or an HTTP date. */
export function retryAfterMs(header: string | null, now = Date.now()): number {
  if (!header) return 0;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}

/** Reads the problem in a response body; any other body becomes a problem of the status alone. */
export function problemError(status: number, body: string, retryAfter: string | null): ApiError {
  const rest = { status, retryAfterMs: retryAfterMs(retryAfter) };
  const problem = parseProblem(body);
  if (problem) {
    return new ApiError(problem.code, problem.detail, {
      ...rest,
      field: problem.field,
      requestId: problem.request_id,
    });
  }
  if (status >= 502 && status <= 504)
    return new ApiError("bad_gateway", "The service did not respond.", rest);
  return new ApiError(`http_${status}`, `The service answered with status ${status}.`, rest);
}

function parseProblem(body: string): Problem | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("code" in value) || typeof value.code !== "string") {
    return null;
  }
  const text = (key: string) => {
    const found = (value as Record<string, unknown>)[key];
    return typeof found === "string" ? found : "";
  };
  return { code: value.code, detail: text("detail"), field: text("field"), request_id: text("request_id") };
}

/** Turns anything that was thrown into an ApiError; an abort passes through unchanged. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof DOMException && error.name === "AbortError") throw error;
  return new ApiError("offline", "Halftone cannot be reached.");
}
