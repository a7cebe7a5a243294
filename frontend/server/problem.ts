/** The error body that every Halftone service answers with. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

export function problemBody(request: IncomingMessage, code: string, detail: string): Buffer {
  const given = request.headers["x-request-id"];
  const request_id = typeof given === "string" && /^[\w-]{1,64}$/.test(given) ? given : randomUUID();
  return Buffer.from(JSON.stringify({ code, field: "", detail, request_id }));
}

export function problemHeaders(body: Buffer): Record<string, string> {
  return {
    "Content-Type": "application/json",
    "Content-Length": String(body.length),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  };
}
