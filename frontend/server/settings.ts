/** What the web server reads from its environment; docs/settings.md describes each. */
import { readFileSync } from "node:fs";
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
    host: setting(env, "HALFTONE_WEB_HOST") || "127.0.0.1",
    port: port(env, "HALFTONE_WEB_PORT", 3000),
    auth: upstream(env, "HALFTONE_AUTH_URL", port(env, "HALFTONE_AUTH_PORT", 8000)),
    gateway: upstream(env, "HALFTONE_GATEWAY_URL", port(env, "HALFTONE_GATEWAY_PORT", 8001)),
    dist: setting(env, "HALFTONE_WEB_DIST") || fileURLToPath(new URL("../dist", import.meta.url)),
    trusted: proxies(setting(env, "HALFTONE_TRUSTED_PROXIES")),
  };
}

/** A variable, or the content of the file that its twin with `_FILE` names; empty when neither is set. */
function setting(env: Environment, name: string): string {
  const file = env[`${name}_FILE`];
  if (!file) return env[name] ?? "";
  if (env[name]) throw new Error(`Set ${name} or ${name}_FILE, not both`);
  return readFileSync(file, "utf8").trim();
}

function port(env: Environment, name: string, fallback: number): number {
  const text = setting(env, name);
  const value = text ? Number(text) : fallback;
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new Error(`${name} must be a port, not ${text}`);
  }
  return value;
}

function upstream(env: Environment, name: string, defaultPort: number): URL {
  const url = new URL(setting(env, name) || `http://127.0.0.1:${defaultPort}`);
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
