/** Passes a request on to a service and its answer back, without holding either in memory. */
import { request as send, type ClientRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { BlockList } from "node:net";
import type { Duplex } from "node:stream";
import { endToEnd, forwardedHeaders } from "./headers.ts";
import { problemBody, problemHeaders } from "./problem.ts";

export interface Upstream {
  url: URL;
  /** Error code when it does not answer. */
  code: string;
  detail: string;
}

/** Bodies from here on are announced first, so that a service can refuse them unsent. */
const ANNOUNCE_BYTES = 1 << 16;
/** A service that knows nothing of announcements gets the body after this time. */
const ANNOUNCE_MS = 1_000;
/** How long an answered request may go on sending a body that is discarded. */
const DISCARD_MS = 30_000;

export function proxyRequest(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: Upstream,
  trusted: BlockList,
): void {
  const headers = forwardedHeaders(request, trusted);
  const announced = announces(request);
  if (announced) headers["expect"] = "100-continue";
  const onward = open(request, upstream, headers);
  onward.on("response", (answer) => {
    if (!request.complete) discardRest(request, onward);
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.headers));
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  onward.on("error", () => {
    if (response.headersSent) return;
    discardRest(request, onward);
    const body = problemBody(request, upstream.code, upstream.detail);
    response.writeHead(502, { ...problemHeaders(body), "Retry-After": "1" }).end(body);
  });
  response.on("close", () => onward.destroy());
  if (announced) sendWhenWanted(request, response, onward);
  else sendBody(request, response, onward);
}

function announces(request: IncomingMessage): boolean {
  const length = Number(request.headers["content-length"] ?? 0);
  return length >= ANNOUNCE_BYTES || request.headers["transfer-encoding"] !== undefined;
}

function sendWhenWanted(request: IncomingMessage, response: ServerResponse, onward: ClientRequest): void {
  const begin = () => {
    clearTimeout(timer);
    onward.off("continue", begin);
    sendBody(request, response, onward);
  };
  const timer = setTimeout(begin, ANNOUNCE_MS);
  onward.once("continue", begin);
  for (const end of ["response", "error", "close"]) onward.once(end, () => clearTimeout(timer));
  onward.flushHeaders();
}

function sendBody(request: IncomingMessage, response: ServerResponse, onward: ClientRequest): void {
  if (request.headers.expect) response.writeContinue();
  request.pipe(onward);
}

/**
 * A service may answer before it has read everything (413). The client must get to read that answer, and many
 * do so only once they have sent all: so the rest is taken in and thrown away, for a while.
 */
function discardRest(request: IncomingMessage, onward: ClientRequest): void {
  request.unpipe(onward);
  request.resume();
  setTimeout(() => {
    if (!request.complete) request.destroy();
  }, DISCARD_MS).unref();
}

export function proxyUpgrade(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  upstream: Upstream,
  trusted: BlockList,
): void {
  const headers = { ...forwardedHeaders(request, trusted), connection: "Upgrade", upgrade: "websocket" };
  const onward = open(request, upstream, headers);
  onward.on("upgrade", (answer, service, rest) => {
    client.write(headOf(answer, answer.rawHeaders));
    if (rest.length > 0) client.write(rest);
    if (head.length > 0) service.write(head);
    join(client, service);
  });
  onward.on("response", (answer) => refuse(client, answer));
  onward.on("error", () => {
    if (client.writableEnded) return;
    const body = problemBody(request, upstream.code, upstream.detail);
    const lines = Object.entries({ ...problemHeaders(body), Connection: "close", "Retry-After": "1" });
    client.end(
      `HTTP/1.1 502 Bad Gateway\r\n${lines.map((pair) => `${pair.join(": ")}\r\n`).join("")}\r\n${body}`,
    );
  });
  client.on("error", () => onward.destroy());
  client.on("close", () => onward.destroy());
  onward.end();
}

function open(
  request: IncomingMessage,
  upstream: Upstream,
  headers: ReturnType<typeof endToEnd>,
): ClientRequest {
  return send({
    host: upstream.url.hostname,
    port: upstream.url.port || 80,
    method: request.method,
    path: request.url,
    headers,
    // A pooled connection may die under a request that cannot be sent twice.
    agent: false,
    setHost: false,
  });
}

/** A refused upgrade is an ordinary answer: its status and body belong to the client. */
function refuse(client: Duplex, answer: IncomingMessage): void {
  const kept: string[] = [];
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
    const name = answer.rawHeaders[i] ?? "";
    // The body was decoded on its way in; its end is now the end of the connection.
    if (/^(connection|transfer-encoding|keep-alive)$/i.test(name)) continue;
    kept.push(name, answer.rawHeaders[i + 1] ?? "");
  }
  client.write(headOf(answer, [...kept, "Connection", "close"]));
  answer.pipe(client);
}

function headOf(answer: IncomingMessage, rawHeaders: string[]): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function join(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
}
