import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { serve } from "../../../app/testing.tsx";
import { auth } from "../../../net/rest/auth.ts";
import { FakeRequest, FORMATS } from "./testing.ts";
import { refuseFile, sendFile, unfinished } from "./upload.ts";
import { next } from "./useUpload.ts";

const WAIT = { timeout: 30_000 };
const FILE = new File(["a,b\n1,2\n"], "table.csv", { lastModified: 7 });
const UPLOAD = { id: "up1", name: "table.csv", bytes: 8 };

beforeEach(async () => {
  FakeRequest.reset();
  serve({ "GET /api/uploads/up1/": UPLOAD });
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  await auth.signIn("ada@example.org", "secret");
});

afterEach(() => auth.signOut());

function begin() {
  const progress: number[][] = [];
  const sending = sendFile(FILE, (...figures) => progress.push(figures));
  // What the caller does with a failure is the test's matter.
  sending.result.catch(() => undefined);
  return { ...sending, progress };
}

/** The `count`th part, once it is on its way. */
async function part(count = 1): Promise<FakeRequest> {
  await vi.waitFor(() => expect(FakeRequest.of("PATCH")).toHaveLength(count), WAIT);
  return FakeRequest.part();
}

test("a file is opened, and sent with a token and a checksum", async () => {
  const { result, progress } = begin();
  const request = await part();
  const [opened] = FakeRequest.of("POST");
  expect(opened?.url).toBe("/api/uploads/");
  expect(opened?.headers.get("Upload-Length")).toBe("8");
  expect(opened?.headers.get("Upload-Metadata")).toBe(`filename ${btoa("table.csv")}`);
  expect(request.headers.get("Authorization")).toBe("Bearer token");
  expect(request.headers.get("Upload-Offset")).toBe("0");
  // sha256sum of "a,b\n1,2\n"
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("a,b\n1,2\n"));
  const text = btoa(String.fromCharCode(...new Uint8Array(digest)));
  expect(request.headers.get("Upload-Checksum")).toBe(`sha256 ${text}`);
  request.progress(4);
  request.taken();
  expect(await result).toEqual(UPLOAD);
  expect(progress).toContainEqual([4, 8]);
  expect(await unfinished()).toEqual([]);
});

test("a page that was closed is continued where it stopped, by the same person with the same file alone", async () => {
  const first = begin();
  await part();
  first.pause();
  expect(await unfinished()).toEqual([{ name: "table.csv", bytes: 8 }]);
  FakeRequest.offset = 5;
  const second = begin();
  const request = await part(2);
  expect(FakeRequest.of("POST")).toHaveLength(1);
  expect(request.headers.get("Upload-Offset")).toBe("5");
  expect(await request.sent?.text()).toBe(",2\n");
  request.taken();
  expect(await second.result).toEqual(UPLOAD);
  expect(second.progress[0]).toEqual([5, 8]);
  expect(await unfinished()).toEqual([]);
});

test("a pause sends nothing, and a resume asks first how far it is", async () => {
  const { pause, resume, result } = begin();
  const request = await part();
  pause();
  expect(request.aborted).toBe(true);
  FakeRequest.offset = 3;
  resume();
  const again = await part(2);
  expect(again.headers.get("Upload-Offset")).toBe("3");
  again.taken();
  expect(await result).toEqual(UPLOAD);
});

test.each([0, 409, 423, 460, 503])("after %i it tries again", async (status) => {
  const { result } = begin();
  const request = await part();
  if (status) request.answer(status);
  else request.onerror(new Error("lost"));
  (await part(2)).taken();
  expect(await result).toEqual(UPLOAD);
});

test("what the service refuses becomes its error", async () => {
  const { result } = begin();
  (await part()).answer(
    507,
    {},
    { code: "no_space", detail: "The disk is full.", field: "", request_id: "r" },
  );
  await expect(result).rejects.toMatchObject({ code: "no_space", status: 507 });
  expect(FakeRequest.of("PATCH")).toHaveLength(1);
});

test("a cancel removes what the service has", async () => {
  const { result, cancel } = begin();
  const request = await part();
  cancel();
  await expect(result).rejects.toMatchObject({ code: "cancelled" });
  await vi.waitFor(() => expect(FakeRequest.of("DELETE")[0]?.url).toMatch(/\/api\/uploads\/up1\/$/), WAIT);
  expect(request.aborted).toBe(true);
  expect(await unfinished()).toEqual([]);
});

test.each([
  ["table.csv", 1, null],
  ["TABLE.PARQUET", 1 << 40, null],
  ["table.csv", 0, "empty_file"],
  ["table.xlsx", 10, "unsupported_media_type"],
  ["csv", 10, "unsupported_media_type"],
])("%s of %i bytes is refused with %s", (name, size, code) => {
  expect(refuseFile({ name, size }, FORMATS)?.code ?? null).toBe(code);
});

test("the speed counts what this try has sent", () => {
  const first = next(null, 40, 100, 1_000);
  expect(next(first, 60, 100, 2_000)).toEqual({
    bytes: 60,
    total: 100,
    before: 40,
    startedAt: 1_000,
    at: 2_000,
  });
  expect(next(first, 30, 100, 2_000)).toMatchObject({ before: 30, startedAt: 2_000 });
});
