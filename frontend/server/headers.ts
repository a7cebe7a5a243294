/** Header rules: what our own pages carry, and what passes between client and services. */
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { isIPv6, type BlockList } from "node:net";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Mantine writes its variables into a style element.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": POLICY,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

const HOP_BY_HOP = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
]);

/** The request's headers as a service shall see them: Host and Origin as they came, the peer's address added. */
export function forwardedHeaders(request: IncomingMessage, trusted: BlockList): OutgoingHttpHeaders {
  const headers = endToEnd(request.headers);
  // One spelling of the chain only: a service must not find a client's own claim in the other.
  delete headers["forwarded"];
  const peer = plainAddress(request.socket.remoteAddress ?? "");
  const believed = peer !== "" && trusted.check(peer, isIPv6(peer) ? "ipv6" : "ipv4");
  const chain = believed ? request.headers["x-forwarded-for"] : undefined;
  headers["x-forwarded-for"] = chain ? `${String(chain)}, ${peer}` : peer;
  headers["x-forwarded-proto"] = (believed && request.headers["x-forwarded-proto"]) || "http";
  return headers;
}

/** Without the headers that speak of one connection only, those named by Connection included. */
export function endToEnd(headers: IncomingMessage["headers"]): OutgoingHttpHeaders {
  const named = new Set((headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !named.has(name)),
  );
}

function plainAddress(address: string): string {
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}
