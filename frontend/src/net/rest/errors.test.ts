import { expect, test } from "vitest";
import { ApiError, asApiError, problemError, retryAfterMs } from "./errors.ts";

test("a problem keeps its code, words, field and id", () => {
  const body = '{"code": "unknown_column", "detail": "No column z.", "field": "x", "request_id": "r1"}';
  expect(problemError(400, body, null)).toMatchObject({
    code: "unknown_column",
    message: "No column z.",
    field: "x",
    requestId: "r1",
    status: 400,
    retryAfterMs: 0,
  });
});

test.each([
  ["<html>nginx</html>", 502, "bad_gateway"],
  ["", 504, "bad_gateway"],
  ["[]", 500, "http_500"],
  ['{"code": 7}', 404, "http_404"],
  ['"text"', 418, "http_418"],
  ["null", 400, "http_400"],
])("%s with status %i is %s", (body, status, code) => {
  expect(problemError(status, body, null)).toMatchObject({ code, status });
});

test("Retry-After is seconds or a date, and never negative", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(retryAfterMs("7", now)).toBe(7_000);
  expect(retryAfterMs("Thu, 01 Jan 2026 00:00:05 GMT", now)).toBe(5_000);
  expect(retryAfterMs("Wed, 31 Dec 2025 00:00:00 GMT", now)).toBe(0);
  expect(retryAfterMs("soon", now)).toBe(0);
  expect(retryAfterMs(null, now)).toBe(0);
});

test("whatever else was thrown means that no answer came", () => {
  expect(asApiError(new TypeError("Failed to fetch"))).toMatchObject({ code: "offline", status: 0 });
  const error = new ApiError("conflict", "Taken.");
  expect(asApiError(error)).toBe(error);
});

test("an abort stays an abort", () => {
  const abort = new DOMException("gone", "AbortError");
  expect(() => asApiError(abort)).toThrow(abort);
});
