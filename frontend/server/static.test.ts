import { renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { StaticFiles } from "./static.ts";
import { builtApp } from "./testing.ts";

/** Far past the times of files that a test has written since, however slowly it did. */
const HOUR_MS = 3_600_000;

/** A server of one built app, and a clock that stands until it is moved. */
async function served() {
  const dist = builtApp();
  let now = Date.now();
  const files = new StaticFiles(dist, () => now);
  const server = createServer((request, response) => files.answer(request, response, request.url ?? "/"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  return { dist, get, later: () => (now += HOUR_MS) };
}

test("a new build is given out once it is still", async () => {
  const { dist, get, later } = await served();
  rmSync(join(dist, "assets", "index-abc123.js"));
  writeFileSync(join(dist, "assets", "index-new.js"), "new");
  writeFileSync(join(dist, "index.html"), "<title>New</title>");
  expect((await get("/")).text).toContain("Halftone");
  expect((await get("/assets/index-abc123.js")).status).toBe(200);
  later();
  expect((await get("/datasets")).text).toBe("<title>New</title>");
  expect(await get("/assets/index-new.js")).toEqual({ status: 200, text: "new" });
  expect((await get("/assets/index-abc123.js")).status).toBe(404);
});

test("while there is no page the old app is given out", async () => {
  const { dist, get, later } = await served();
  rmSync(join(dist, "index.html"));
  later();
  expect((await get("/")).text).toContain("Halftone");
  renameSync(dist, `${dist}-gone`);
  later();
  expect((await get("/")).text).toContain("Halftone");
  renameSync(`${dist}-gone`, dist);
});

test("a folder without a page is no app", () => {
  const dist = builtApp();
  rmSync(join(dist, "index.html"));
  expect(() => new StaticFiles(dist)).toThrow("build the app first");
});
