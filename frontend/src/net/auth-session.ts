/**
 * Who is signed in. The access token lives in memory only; the refresh token is a cookie that no
 * script can read. Tabs share that cookie and it is rotated at each use, so refreshes take turns.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import { ApiError, asApiError, problemError } from "./errors.ts";

export interface User {
  id: string;
  email: string;
  name: string;
  is_staff: boolean;
}

export type AuthState =
  | { status: "unknown"; user: null }
  | { status: "signed-out"; user: null }
  | { status: "signed-in"; user: User };

interface TokenAnswer {
  access: string;
  expires_in: number;
  user: User;
}

type TabMessage = { kind: "signed-out" } | { kind: "signed-in"; userId: string };

/** The parts of the browser that auth leans on, so that tests can run two tabs in one process. */
export interface AuthEnvironment {
  fetch: typeof fetch;
  /** Runs `work` while no other tab of this origin does. */
  exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  channel: Pick<BroadcastChannel, "postMessage" | "onmessage">;
  /** Remembers across reloads that a session cookie is likely there; never the token. */
  hint: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  now: () => number;
}

export interface Auth {
  store: StoreApi<AuthState>;
  restore: () => Promise<void>;
  signIn: (email: string, password: string) => Promise<void>;
  /** False when the server could not be told: the session ends by itself there. */
  signOut: () => Promise<boolean>;
  getAccessToken: () => Promise<string>;
  /** Gets a new token although the present one has not expired, because a server refused it. */
  renewAccessToken: (refused: string) => Promise<string>;
  onTokenChange: (callback: (token: string | null) => void) => () => void;
}

const HINT = "halftone-session";
/** A token this close to its end is renewed before use: a request and a clock difference fit in. */
const MARGIN_MS = 30_000;
const RETRY_MS = 5_000;

export function createAuth(env: AuthEnvironment): Auth {
  const store = createStore<AuthState>(() => ({ status: "unknown", user: null }));
  const listeners = new Set<(token: string | null) => void>();
  let held: { token: string; expiresAt: number } | null = null;
  let refreshing: Promise<string> | null = null;
  let restoring: Promise<void> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Counts sign-ins and sign-outs, so that an answer from before one of them is not believed after it.
  let era = 0;

  function accept(answer: TokenAnswer): string {
    const lifetime = answer.expires_in * 1000;
    const before = store.getState().user;
    if (before && before.id !== answer.user.id) clear();
    held = { token: answer.access, expiresAt: env.now() + lifetime };
    env.hint.setItem(HINT, "1");
    store.setState({ status: "signed-in", user: answer.user });
    schedule(lifetime * 0.8);
    for (const listener of listeners) listener(answer.access);
    return answer.access;
  }

  function clear(): void {
    clearTimeout(timer);
    held = null;
    era += 1;
    env.hint.removeItem(HINT);
    store.setState({ status: "signed-out", user: null });
    for (const listener of listeners) listener(null);
  }

  function schedule(delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      refresh().catch((error: unknown) => {
        // Offline or overloaded: the session is still ours, so keep it and ask again.
        if (store.getState().status === "signed-in" && error instanceof ApiError) {
          schedule(Math.max(RETRY_MS, error.retryAfterMs));
        }
      });
    }, delayMs);
  }

  function refresh(): Promise<string> {
    refreshing ??= env.exclusively(requestRefresh).finally(() => {
      refreshing = null;
    });
    return refreshing;
  }

  async function requestRefresh(): Promise<string> {
    const started = era;
    try {
      const answer = await post<TokenAnswer>(env, "/api/token/refresh/", {});
      if (started === era) return accept(answer);
    } catch (error) {
      if (started === era && error instanceof ApiError && error.status === 401) clear();
      throw error;
    }
    return held?.token ?? signedOut();
  }

  async function restore(): Promise<void> {
    if (env.hint.getItem(HINT) === null) {
      if (store.getState().status === "unknown") store.setState({ status: "signed-out", user: null });
      return;
    }
    try {
      await refresh();
    } catch (error) {
      if (store.getState().status !== "unknown") return;
      // Not refused but unreachable: the cookie may be good, so the next call tries again.
      throw error;
    }
  }

  env.channel.onmessage = (event: MessageEvent<TabMessage>) => {
    const user = store.getState().user;
    if (event.data.kind === "signed-out") {
      if (user) clear();
    } else if (user?.id !== event.data.userId) {
      if (user) clear();
      env.hint.setItem(HINT, "1");
      refresh().catch(() => undefined);
    }
  };

  function restoreOnce(): Promise<void> {
    restoring ??= restore().finally(() => {
      restoring = null;
    });
    return restoring;
  }

  return {
    store,
    restore: restoreOnce,
    signIn: async (email, password) => {
      const answer = await post<TokenAnswer>(env, "/api/token/", { email, password });
      era += 1;
      accept(answer);
      env.channel.postMessage({ kind: "signed-in", userId: answer.user.id } satisfies TabMessage);
    },
    signOut: async () => {
      clear();
      env.channel.postMessage({ kind: "signed-out" } satisfies TabMessage);
      return env.exclusively(() => post(env, "/api/token/revoke/", {})).then(
        () => true,
        () => false,
      );
    },
    getAccessToken: async () => {
      if (store.getState().status === "unknown") await restoreOnce();
      if (held && held.expiresAt - env.now() > MARGIN_MS) return held.token;
      return store.getState().status === "signed-in" ? refresh() : signedOut();
    },
    renewAccessToken: async (refused) => {
      if (held && held.token !== refused) return held.token;
      return store.getState().status === "signed-in" ? refresh() : signedOut();
    },
    onTokenChange: (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
  };
}

function signedOut(): never {
  throw new ApiError("token_invalid", "You are signed out.", { status: 401 });
}

async function post<T>(env: AuthEnvironment, path: string, body: unknown): Promise<T> {
  try {
    const response = await env.fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw problemError(response.status, text, response.headers.get("Retry-After"));
    return (text ? JSON.parse(text) : undefined) as T;
  } catch (error) {
    throw asApiError(error);
  }
}
