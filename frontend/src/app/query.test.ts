import { expect, test } from "vitest";
import { ApiError } from "../net/rest/errors.ts";
import { worthRetrying } from "./query.ts";

test.each([
  [0, true],
  [429, true],
  [502, true],
  [503, true],
  [400, false],
  [401, false],
  [404, false],
  [500, false],
])("after status %i another try is worth it: %s", (status, worth) => {
  expect(worthRetrying(0, new ApiError("code", "", { status }))).toBe(worth);
});

test("tries end, and a bug is not tried again", () => {
  expect(worthRetrying(2, new ApiError("offline", ""))).toBe(false);
  expect(worthRetrying(0, new TypeError("bug"))).toBe(false);
});
