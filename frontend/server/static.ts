/** The built app, read once at start: what is not in the map cannot be asked for. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
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

export class StaticFiles {
  readonly #assets = new Map<string, Asset>();

  /** Throws when `dist` holds no built app. */
  constructor(dist: string) {
    for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      const name = file.slice(dist.length).split(sep).join("/").replace(/^\/*/, "/");
      if (entry.isFile() && !name.includes("/.")) this.#assets.set(name, asset(name, readFileSync(file)));
    }
    if (!this.#assets.has("/index.html")) throw new Error(`${dist} has no index.html: build the app first`);
  }

  /** `path` is decoded and starts with a slash. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): void {
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
