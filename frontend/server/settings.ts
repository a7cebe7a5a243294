/** What the web server reads from its environment; docs/settings.md describes each. */
import { BlockList, isIP } from "node:net";
import { fileURLToPath } from "node:url";

export interface Settings {
  host: string;
  port: number;
  auth: URL;
  gateway: URL;
  /** Folder of the built app. */
  dist: string;
  /** Peers whose X-Forwarded-* headers are believed. */
  trusted: BlockList;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function readSettings(env: Environment): Settings {
  return {
    host: env["HALFTONE_WEB_HOST"] || "127.0.0.1",
    port: port(env, "HALFTONE_WEB_PORT", 3000),
    auth: upstream(env, "HALFTONE_AUTH_URL", port(env, "HALFTONE_AUTH_PORT", 8000)),
    gateway: upstream(env, "HALFTONE_GATEWAY_URL", port(env, "HALFTONE_GATEWAY_PORT", 8001)),
    dist: env["HALFTONE_WEB_DIST"] || fileURLToPath(new URL("../dist", import.meta.url)),
    trusted: proxies(env["HALFTONE_TRUSTED_PROXIES"] ?? ""),
  };
}

function port(env: Environment, name: string, fallback: number): number {
  const value = env[name] ? Number(env[name]) : fallback;
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new Error(`${name} must be a port, not ${env[name]}`);
  }
  return value;
}

function upstream(env: Environment, name: string, defaultPort: number): URL {
  const url = new URL(env[name] || `http://127.0.0.1:${defaultPort}`);
  if (url.protocol !== "http:") throw new Error(`${name} must be an http:// address`);
  return url;
}

function proxies(list: string): BlockList {
  const trusted = new BlockList();
  for (const entry of list.split(/[\s,]+/).filter(Boolean)) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address);
    if (family === 0) throw new Error(`HALFTONE_TRUSTED_PROXIES: ${entry} is not an address`);
    const type = family === 4 ? "ipv4" : "ipv6";
    if (bits === undefined) trusted.addAddress(address, type);
    else trusted.addSubnet(address, Number(bits), type);
  }
  return trusted;
}
