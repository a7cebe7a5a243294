/** Real servers and raw sockets for the tests of this folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createWebServer, type WebServer } from "./server.ts";
import { readSettings } from "./settings.ts";

export function builtApp(): string {
  const dist = mkdtempSync(join(tmpdir(), "halftone-dist-"));
  onTestFinished(() => rmSync(dist, { recursive: true }));
  mkdirSync(join(dist, "assets"));
  mkdirSync(join(dist, ".vite"));
  writeFileSync(join(dist, "index.html"), "<!doctype html><title>Halftone</title>");
  writeFileSync(
    join(dist, "assets", "index-abc123.js"),
    `export const text = "${"halftone ".repeat(1000)}";\n`,
  );
  writeFileSync(join(dist, "mark.svg"), "<svg/>");
  writeFileSync(join(dist, ".vite", "manifest.json"), "{}");
  return dist;
}

export async function service(listener: RequestListener): Promise<Server & { port: number }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

/** A port on which nothing listens, outside the range that the system hands out. */
export const DEAD_PORT = 1;

export async function web(
  env: Record<string, string | number>,
): Promise<WebServer & { port: number; origin: string }> {
  const text = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
  const settings = readSettings({ HALFTONE_WEB_PORT: "0", HALFTONE_WEB_DIST: builtApp(), ...text });
  const started = createWebServer(settings);
  await new Promise<void>((resolve) => started.server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => started.stop(0));
  const { port } = started.server.address() as AddressInfo;
  return { ...started, port, origin: `http://127.0.0.1:${port}` };
}

export interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/** Like fetch, but sends the target exactly as given and decodes nothing. */
export function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, headers, method, agent: false }, (response) => {
      body(response).then(
        (bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }),
        reject,
      );
    });
    asked.on("error", reject);
    asked.end();
  });
}

export async function body(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Opens a socket, sends `text` and collects what comes back. */
export function raw(
  port: number,
  text: string,
): { socket: Socket; until: (part: string) => Promise<string> } {
  const socket = connect(port, "127.0.0.1");
  let seen = "";
  const wake = new Set<() => void>();
  socket.on("data", (chunk) => {
    seen += chunk.toString("latin1");
    for (const check of wake) check();
  });
  socket.on("close", () => {
    for (const check of wake) check();
  });
  socket.on("error", () => undefined);
  socket.write(text);
  onTestFinished(() => void socket.destroy());
  const until = (part: string) =>
    new Promise<string>((resolve, reject) => {
      const check = () => {
        if (seen.includes(part)) resolve(seen);
        else if (socket.closed || socket.destroyed) reject(new Error(`closed after ${JSON.stringify(seen)}`));
      };
      wake.add(check);
      check();
    });
  return { socket, until };
}
