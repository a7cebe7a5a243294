import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { serve } from "../../../app/testing.tsx";
import { auth } from "../../../net/rest/auth.ts";
import { FakeRequest, FORMATS } from "./testing.ts";
import { MAX_BYTES, refuseFile, uploadFile } from "./upload.ts";

const WAIT = { timeout: 30_000 };
const FILE = new File(["a,b\n1,2\n"], "table.csv");

beforeEach(async () => {
  serve({});
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  await auth.signIn("ada@example.org", "secret");
});

afterEach(() => auth.signOut());

async function begin(controller = new AbortController()) {
  const progress: number[][] = [];
  FakeRequest.last = null;
  const result = uploadFile(FILE, {
    onProgress: (...figures) => progress.push(figures),
    signal: controller.signal,
  });
  // What the caller does with a failure is the test's matter.
  result.catch(() => undefined);
  await vi.waitFor(() => expect(FakeRequest.last?.sent).not.toBeNull(), WAIT);
  return { result, progress, request: FakeRequest.latest(), controller };
}

test("the file goes as one multipart field, the token in a header", async () => {
  const { result, progress, request } = await begin();
  expect(request).toMatchObject({ method: "POST", url: "/api/uploads/" });
  expect(request.headers.get("Authorization")).toBe("Bearer token");
  expect(request.sent?.get("file")).toMatchObject({ name: "table.csv" });
  request.progress(4, 8);
  request.answer(201, { id: "up1" });
  expect(await result).toEqual({ id: "up1" });
  expect(progress).toEqual([[4, 8]]);
});

test("what the service refuses becomes its error", async () => {
  const { result, request } = await begin();
  request.answer(507, { code: "no_space", detail: "The disk is full.", field: "", request_id: "r" });
  await expect(result).rejects.toMatchObject({ code: "no_space", status: 507 });
});

test("a lost connection and a cancel are distinguished", async () => {
  const lost = await begin();
  lost.request.dispatchEvent(new Event("error"));
  await expect(lost.result).rejects.toMatchObject({ code: "offline" });
  const left = await begin();
  left.controller.abort();
  await expect(left.result).rejects.toMatchObject({ code: "cancelled" });
});

test("a cancel before the first byte sends nothing", async () => {
  const controller = new AbortController();
  controller.abort();
  FakeRequest.last = null;
  const result = uploadFile(FILE, { onProgress: () => undefined, signal: controller.signal });
  await expect(result).rejects.toMatchObject({ code: "cancelled" });
  expect(FakeRequest.last).toBeNull();
});

test.each([
  ["table.csv", 1, null],
  ["TABLE.PARQUET", MAX_BYTES, null],
  ["table.parquet", MAX_BYTES + 1, "body_too_large"],
  ["table.csv", 0, "empty_file"],
  ["table.xlsx", 10, "unsupported_media_type"],
  ["csv", 10, "unsupported_media_type"],
])("%s of %i bytes is refused with %s", (name, size, code) => {
  expect(refuseFile({ name, size }, FORMATS)?.code ?? null).toBe(code);
});
