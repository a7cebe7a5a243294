import { expect, test } from "vitest";
import { errorDetails, errorWords, furtherDetail, type RequestError, wordsOfCode } from "./error-words.ts";

function requestError(code: string, detail: string, rest: Partial<RequestError> = {}): RequestError {
  return Object.assign(new Error(detail), { code, status: 0, field: "", requestId: "", ...rest });
}

test.each([
  ["corrupt_parquet", "The Parquet file is damaged"],
  ["too_many_columns", "Too many columns"],
  ["rate_limited", "Too many attempts"],
  ["auth_unavailable", "The account service does not respond"],
])("%s reads: %s", (code, title) => {
  const words = errorWords(requestError(code, "x"));
  expect(words.title).toBe(title);
  expect(words.advice).not.toBe("");
});

test("a code from a newer service shows what the service says", () => {
  expect(errorWords(requestError("brand_new", "The moon is full.")).title).toBe("The moon is full.");
});

test("names of every object's own members are no codes", () => {
  expect(wordsOfCode("constructor")).toBeUndefined();
});

test("an error of our own says that the rest still works", () => {
  expect(errorWords(new TypeError("x is undefined")).advice).toContain("still works");
});

test("details carry what is needed to look it up", () => {
  const at = new Date("2026-01-02T03:04:05Z");
  const api = requestError("conflict", "Taken.", { status: 409, field: "slug", requestId: "r1" });
  expect(errorDetails(api, "http://here/d/x", at)).toBe(
    "when: 2026-01-02T03:04:05.000Z\nwhere: http://here/d/x\ncode: conflict\nstatus: 409\ndetail: Taken.\nfield: slug\nrequest: r1",
  );
  expect(errorDetails(new TypeError("broken"), "http://here", at)).toContain("error: TypeError: broken");
  expect(errorDetails("text", "http://here", at)).toContain("error: text");
});

test("a service that only repeats the title is not quoted", () => {
  expect(furtherDetail("The file holds no rows", "The file holds no rows.")).toBe("");
  expect(furtherDetail("The file holds no rows", "Row 3 ends early.")).toBe("Row 3 ends early.");
});
