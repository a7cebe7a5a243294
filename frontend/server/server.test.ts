import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ask, service, web } from "./testing.ts";

test("the page is never stored, hashed assets are kept for ever", async () => {
  const { port } = await web({});
  const page = await ask(port, "/");
  expect(page.status).toBe(200);
  expect(page.headers["cache-control"]).toBe("no-store");
  expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
  const asset = await ask(port, "/assets/index-abc123.js");
  expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
});

test("the policy allows no inline script and no other host", async () => {
  const { port } = await web({});
  const { headers } = await ask(port, "/");
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(headers["x-content-type-options"]).toBe("nosniff");
});

test.each(["/datasets", "/d/flights/explore?x=1", "/login", "/apiary", "/no/such/page"])(
  "%s is a route of the app",
  async (path) => {
    const { port } = await web({});
    const { status, body } = await ask(port, path);
    expect(status).toBe(200);
    expect(body.toString()).toContain("<title>Halftone</title>");
  },
);

test.each(["/assets/index-gone.js", "/favicon.ico", "/.vite/manifest.json", "/.env"])(
  "%s is missing and stays missing",
  async (path) => {
    const { port } = await web({});
    const { status, body } = await ask(port, path);
    expect(status).toBe(404);
    expect(JSON.parse(body.toString())).toMatchObject({ code: "not_found" });
  },
);

test.each([
  "/../package.json",
  "/assets/../../package.json",
  "/%2e%2e/package.json",
  "/..%2fpackage.json",
  "/..%5cpackage.json",
  "/api/../admin/",
  "/%00",
  "/%zz",
  "http://elsewhere.example/",
  "*",
])("%s is refused as malformed", async (path) => {
  const { port } = await web({});
  const { status, body } = await ask(port, path);
  expect(status).toBe(400);
  expect(JSON.parse(body.toString())).toMatchObject({ code: "bad_message", field: "" });
});

test("large text is compressed as the client asks", async () => {
  const { port } = await web({});
  const path = "/assets/index-abc123.js";
  const plain = await ask(port, path);
  const brotli = await ask(port, path, { "Accept-Encoding": "gzip, deflate, br" });
  const gzip = await ask(port, path, { "Accept-Encoding": "gzip, br;q=0" });
  expect(plain.headers["content-encoding"]).toBeUndefined();
  expect(brotli.headers["content-encoding"]).toBe("br");
  expect(gzip.headers["content-encoding"]).toBe("gzip");
  expect(brotliDecompressSync(brotli.body)).toEqual(plain.body);
  expect(gunzipSync(gzip.body)).toEqual(plain.body);
  expect(brotli.headers["vary"]).toBe("Accept-Encoding");
});

test("an unchanged file is not sent again", async () => {
  const { port } = await web({});
  const first = await ask(port, "/mark.svg");
  const again = await ask(port, "/mark.svg", { "If-None-Match": String(first.headers.etag) });
  expect(again.status).toBe(304);
  expect(again.body.length).toBe(0);
});

test("HEAD has headers only; other methods are refused", async () => {
  const { port } = await web({});
  const head = await ask(port, "/", {}, "HEAD");
  expect(head.status).toBe(200);
  expect(head.body.length).toBe(0);
  const post = await ask(port, "/datasets", {}, "POST");
  expect(post.status).toBe(405);
  expect(post.headers.allow).toBe("GET, HEAD");
});

test.each([
  "/api/internal/jobs/claim/",
  "/API/internal/",
  "/api/%69nternal/events/",
  "//api/internal/events/",
])("%s does not pass the edge", async (path) => {
  let reached = false;
  const auth = await service((_, response) => {
    reached = true;
    response.end();
  });
  const { port } = await web({ HALFTONE_AUTH_PORT: auth.port });
  expect((await ask(port, path)).status).toBe(404);
  expect(reached).toBe(false);
});

test("a server without a built app does not start", async () => {
  await expect(web({ HALFTONE_WEB_DIST: "/nowhere" })).rejects.toThrow("/nowhere");
});

test("stopping ends open connections within the grace", async () => {
  const slow = await service(() => undefined);
  const { port, stop } = await web({ HALFTONE_AUTH_PORT: slow.port });
  const pending = ask(port, "/api/slow/").catch((error: unknown) => error);
  await new Promise((resolve) => slow.once("request", resolve));
  await stop(10);
  expect(await pending).toBeInstanceOf(Error);
});
