/** REST calls: JSON in and out, the access token on each, problems as ApiError. */
import type { AuthSession } from "./auth-session.ts";
import { auth } from "./auth.ts";
import { asApiError, problemError } from "./errors.ts";

export interface Call {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  signal?: AbortSignal;
}

type Tokens = Pick<AuthSession, "getAccessToken" | "renewAccessToken">;

export function createApi(tokens: Tokens, send: typeof fetch) {
  return async function api<T>(path: string, call: Call = {}): Promise<T> {
    try {
      const token = await tokens.getAccessToken();
      let response = await send(url(path, call.query), request(call, token));
      if (response.status === 401) {
        const renewed = await tokens.renewAccessToken(token);
        response = await send(url(path, call.query), request(call, renewed));
      }
      const text = await response.text();
      if (!response.ok) throw problemError(response.status, text, response.headers.get("Retry-After"));
      return (text ? JSON.parse(text) : undefined) as T;
    } catch (error) {
      throw asApiError(error);
    }
  };
}

function url(path: string, query: Call["query"]): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== "");
  if (given.length === 0) return path;
  return `${path}?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`;
}

function request(call: Call, token: string): RequestInit {
  const headers: Record<string, string> = { Accept: "application/json", Authorization: `Bearer ${token}` };
  if (call.body !== undefined) headers["Content-Type"] = "application/json";
  return {
    method: call.method ?? "GET",
    headers,
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    ...(call.signal && { signal: call.signal }),
  };
}

export const api = createApi(auth, (input, init) => globalThis.fetch(input, init));
