/** What the web server reads from its environment; docs/settings/web.md lists each. */
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

interface Variable {
  name: string;
  type: "text" | "integer" | "path";
  default: string;
  meaning: string;
}

/** Every variable; docs/generate.py writes docs/settings/web.md from it. */
export const VARIABLES = [
  {
    name: "HALFTONE_WEB_HOST",
    type: "text",
    default: "127.0.0.1",
    meaning: "Address the web server listens on.",
  },
  { name: "HALFTONE_WEB_PORT", type: "integer", default: "3000", meaning: "Port the web server listens on." },
  { name: "HALFTONE_WEB_DIST", type: "path", default: "frontend/dist", meaning: "Folder of the built app." },
  {
    name: "HALFTONE_AUTH_URL",
    type: "text",
    default: "",
    meaning: "Address of the auth service; unset: this machine, at `HALFTONE_AUTH_PORT`.",
  },
  {
    name: "HALFTONE_AUTH_PORT",
    type: "integer",
    default: "8000",
    meaning: "Port of the auth service on this machine.",
  },
  {
    name: "HALFTONE_GATEWAY_URL",
    type: "text",
    default: "",
    meaning: "Address of the gateway; unset: this machine, at `HALFTONE_GATEWAY_PORT`.",
  },
  {
    name: "HALFTONE_GATEWAY_PORT",
    type: "integer",
    default: "8001",
    meaning: "Port of the gateway on this machine.",
  },
  {
    name: "HALFTONE_TRUSTED_PROXIES",
    type: "text",
    default: "",
    meaning:
      "Addresses or networks of proxies in front of the web server whose `X-Forwarded-*` headers are believed.",
  },
] as const satisfies readonly Variable[];

type Name = (typeof VARIABLES)[number]["name"];
type Environment = Readonly<Record<string, string | undefined>>;

export function readSettings(env: Environment): Settings {
  return {
    host: setting(env, "HALFTONE_WEB_HOST"),
    port: port(env, "HALFTONE_WEB_PORT"),
    auth: upstream(env, "HALFTONE_AUTH_URL", port(env, "HALFTONE_AUTH_PORT")),
    gateway: upstream(env, "HALFTONE_GATEWAY_URL", port(env, "HALFTONE_GATEWAY_PORT")),
    dist: given(env, "HALFTONE_WEB_DIST") || fileURLToPath(new URL("../dist", import.meta.url)),
    trusted: proxies(setting(env, "HALFTONE_TRUSTED_PROXIES")),
  };
}

/** What is given, or else the default. */
function setting(env: Environment, name: Name): string {
  return given(env, name) || (VARIABLES.find((variable) => variable.name === name)?.default ?? "");
}

/** A variable, or the content of the file that its twin with `_FILE` names; empty when neither is set. */
function given(env: Environment, name: Name): string {
  const file = env[`${name}_FILE`];
  if (!file) return env[name] ?? "";
  if (env[name]) throw new Error(`Set ${name} or ${name}_FILE, not both`);
  return readFileSync(file, "utf8").trim();
}

function port(env: Environment, name: Name): number {
  const text = setting(env, name);
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new Error(`${name} must be a port, not ${text}`);
  }
  return value;
}

function upstream(env: Environment, name: Name, defaultPort: number): URL {
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
