/** One origin for the browser: the built app, and the services behind it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { problemBody, problemHeaders } from "./problem.ts";
import { proxyRequest, proxyUpgrade, type Upstream } from "./proxy.ts";
import type { Settings } from "./settings.ts";
import { StaticFiles } from "./static.ts";

const AUTH_PATHS = /^\/(api|admin|static|\.well-known)(\/|$)/;
const GATEWAY_PATHS = /^\/(ws|compute)(\/|$)/;
/** Services speak to each other behind the edge, never through it. */
const INTERNAL_PATHS = /^\/+api\/+internal(\/|$)/i;
/** A connection that moves no byte this long is dropped; uploads may take as long as they move. */
const IDLE_MS = 120_000;

export interface WebServer {
  server: Server;
  /** Ends idle connections and sockets at once, and what is still running after `graceMs`. */
  stop: (graceMs?: number) => Promise<void>;
}

export function createWebServer(settings: Settings): WebServer {
  const files = new StaticFiles(settings.dist);
  const sockets = new Set<Duplex>();
  const server = createServer({
    requestTimeout: 0,
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === "websocket",
  });
  server.setTimeout(IDLE_MS);
  for (const event of ["request", "checkContinue"]) {
    server.on(event, (request, response) => answer(request, response, settings, files));
  }
  server.on("upgrade", (request, socket, head) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    upgrade(request, socket, head, settings);
  });
  return { server, stop: (graceMs = 3_000) => stop(server, sockets, graceMs) };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  settings: Settings,
  files: StaticFiles,
): void {
  const path = decodedPath(request.url ?? "");
  if (path === null) return refuse(request, response, 400, "bad_message", "The address cannot be read.");
  if (INTERNAL_PATHS.test(path)) return refuse(request, response, 404, "not_found", "There is nothing here.");
  const upstream = upstreamOf(path, settings);
  if (upstream) return proxyRequest(request, response, upstream, settings.trusted);
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return refuse(request, response, 405, "method_not_allowed", "Only GET and HEAD are answered here.");
  }
  return files.answer(request, response, path);
}

function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, settings: Settings): void {
  if ("setTimeout" in socket && typeof socket.setTimeout === "function") socket.setTimeout(0);
  const path = decodedPath(request.url ?? "");
  const upstream = path === null ? undefined : upstreamOf(path, settings);
  if (upstream) return proxyUpgrade(request, socket, head, upstream, settings.trusted);
  socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
  detail: string,
): void {
  const body = problemBody(request, code, detail);
  response.writeHead(status, problemHeaders(body)).end(request.method === "HEAD" ? undefined : body);
}

/** The path as a service will decode it; null for anything a plain client would not send. */
function decodedPath(target: string): string | null {
  if (!target.startsWith("/")) return null;
  const raw = target.split(/[?#]/, 1)[0] ?? "";
  let path: string;
  try {
    path = decodeURIComponent(raw);
  } catch {
    return null;
  }
  const climbs = path.split(/[/\\]/).includes("..");
  return climbs || path.includes("\0") ? null : path;
}

function upstreamOf(path: string, settings: Settings): Upstream | undefined {
  if (AUTH_PATHS.test(path)) {
    return { url: settings.auth, code: "auth_unavailable", detail: "The account service does not answer." };
  }
  if (GATEWAY_PATHS.test(path)) {
    return { url: settings.gateway, code: "compute_unavailable", detail: "The gateway does not answer." };
  }
  return undefined;
}

function stop(server: Server, sockets: Set<Duplex>, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
    for (const socket of sockets) socket.destroy();
  });
}
