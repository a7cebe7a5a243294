/** The built app in memory, read again after a new build: what is not in the map cannot be asked for. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { SECURITY_HEADERS } from "./headers.ts";
import { problemBody, problemHeaders } from "./problem.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};
const COMPRESSIBLE = /^(text|application|image\/svg)/;
const COMPRESS_FROM = 1024;

type Encoding = "br" | "gzip" | "identity";

interface Asset {
  type: string;
  cache: string;
  etag: string;
  bodies: Map<Encoding, Buffer>;
}

/** A build writes file after file: it is taken over once it has been still for this long. */
const SETTLED_MS = 1_000;
const LOOK_EVERY_MS = 1_000;

export class StaticFiles {
  readonly #dist: string;
  readonly #now: () => number;
  #assets: ReadonlyMap<string, Asset>;
  #stamp: string;
  #lookedAt: number;

  /** Throws when `dist` holds no built app. */
  constructor(dist: string, now: () => number = Date.now) {
    this.#dist = dist;
    this.#now = now;
    this.#lookedAt = now();
    const files = listed(dist);
    if (!files.some(({ name }) => name === "/index.html"))
      throw new Error(`${dist} has no index.html: build the app first`);
    this.#stamp = stampOf(files);
    this.#assets = read(files);
  }

  /** Takes over a newer build; while one is being made the old one is given out. */
  #refresh(): void {
    const now = this.#now();
    if (now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    try {
      const files = listed(this.#dist);
      const stamp = stampOf(files);
      const newest = Math.max(...files.map(({ changed }) => changed));
      const whole = files.some(({ name }) => name === "/index.html") && now - newest >= SETTLED_MS;
      if (stamp === this.#stamp || !whole) return;
      this.#assets = read(files);
      this.#stamp = stamp;
    } catch (error) {
      // Files of a build come and go while it is made; the next look finds it whole.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }

  /** `path` is decoded and starts with a slash. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    this.#refresh();
    const found =
      this.#assets.get(path) ?? (isClientRoute(path) ? this.#assets.get("/index.html") : undefined);
    if (!found) {
      const body = problemBody(request, "not_found", "There is no such file.");
      response.writeHead(404, problemHeaders(body)).end(request.method === "HEAD" ? undefined : body);
      return;
    }
    const headers = {
      ...SECURITY_HEADERS,
      "Cache-Control": found.cache,
      ETag: found.etag,
      Vary: "Accept-Encoding",
    };
    if (request.headers["if-none-match"] === found.etag) {
      response.writeHead(304, headers).end();
      return;
    }
    const encoding = chooseEncoding(found, request.headers["accept-encoding"] ?? "");
    const body = encoded(found, encoding);
    response.writeHead(200, {
      ...headers,
      "Content-Type": found.type,
      "Content-Length": body.length,
      ...(encoding !== "identity" && { "Content-Encoding": encoding }),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }
}

interface Listed {
  file: string;
  name: string;
  /** Milliseconds since 1970. */
  changed: number;
  size: number;
}

function listed(dist: string): Listed[] {
  return readdirSync(dist, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    const name = file.slice(dist.length).split(sep).join("/").replace(/^\/*/, "/");
    if (!entry.isFile() || name.includes("/.")) return [];
    const { mtimeMs, ctimeMs, size } = statSync(file);
    return [{ file, name, changed: Math.max(mtimeMs, ctimeMs), size }];
  });
}

function stampOf(files: readonly Listed[]): string {
  return JSON.stringify(files.map(({ name, changed, size }) => [name, changed, size]));
}

function read(files: readonly Listed[]): Map<string, Asset> {
  return new Map(files.map(({ file, name }) => [name, asset(name, readFileSync(file))]));
}

/** Paths without a file extension are the app's own routes; a missing file must not turn into HTML. */
function isClientRoute(path: string): boolean {
  return !path.startsWith("/assets/") && !path.includes("/.") && extname(path) === "";
}

function asset(name: string, body: Buffer): Asset {
  return {
    type: TYPES[extname(name)] ?? "application/octet-stream",
    cache: cacheRule(name),
    etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
    bodies: new Map([["identity", body]]),
  };
}

function cacheRule(name: string): string {
  if (name.startsWith("/assets/")) return "public, max-age=31536000, immutable";
  return name.endsWith(".html") ? "no-store" : "public, max-age=3600";
}

function chooseEncoding(found: Asset, accepted: string): Encoding {
  const size = found.bodies.get("identity")?.length ?? 0;
  if (size < COMPRESS_FROM || !COMPRESSIBLE.test(found.type)) return "identity";
  const offers = accepted.split(",").map((offer) => offer.trim().toLowerCase());
  const accepts = (name: Encoding) =>
    offers.some((offer) => offer.split(";")[0]?.trim() === name && !/;\s*q=0(\.0*)?$/.test(offer));
  if (accepts("br")) return "br";
  return accepts("gzip") ? "gzip" : "identity";
}

function encoded(found: Asset, encoding: Encoding): Buffer {
  const ready = found.bodies.get(encoding);
  if (ready) return ready;
  const plain = found.bodies.get("identity") ?? Buffer.alloc(0);
  const body =
    encoding === "br"
      ? brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
      : gzipSync(plain, { level: 9 });
  found.bodies.set(encoding, body);
  return body;
}
