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
  | { status: "signed-out"; user: null; reason: SignedOutReason }
  | { status: "signed-in"; user: User };

/** `never`: no session was there; `left`: signed out here or in another tab; `ended`: by the service. */
export type SignedOutReason = "never" | "left" | "ended";

interface TokenResponse {
  access: string;
  expires_in: number;
  user: User;
}

type TabMessage = { kind: "signed-out" } | { kind: "signed-in"; userId: string };

/** The parts of the browser that a session uses; tests run two tabs in one process. */
export interface AuthEnvironment {
  fetch: typeof fetch;
  /** Runs `work` while no other tab of this origin does. */
  exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  channel: Pick<BroadcastChannel, "postMessage" | "addEventListener">;
  /** Keeps across reloads that a session cookie is likely there; never the token. */
  hint: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  now: () => number;
}

const HINT = "halftone-session";
/** A token this close to its end is renewed before use: a request and a clock difference fit in. */
const MARGIN_MS = 30_000;
const RETRY_MS = 5_000;

export class AuthSession {
  readonly store: StoreApi<AuthState> = createStore<AuthState>(() => ({ status: "unknown", user: null }));
  readonly #env: AuthEnvironment;
  readonly #listeners = new Set<(token: string | null) => void>();
  #held: { token: string; expiresAt: number } | null = null;
  #refreshing: Promise<string> | null = null;
  #restoring: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts sign-ins and sign-outs: a response from before one of them is ignored after it. */
  #era = 0;

  constructor(env: AuthEnvironment) {
    this.#env = env;
    env.channel.addEventListener("message", (event) =>
      this.#receive((event as MessageEvent<TabMessage>).data),
    );
  }

  /** Restores the session from its cookie. Rejects only when the service does not respond; then it may be called again. */
  restore = (): Promise<void> => {
    this.#restoring ??= this.#restore().finally(() => {
      this.#restoring = null;
    });
    return this.#restoring;
  };

  signIn = async (email: string, password: string): Promise<void> => {
    const response = await this.#post<TokenResponse>("/api/token/", { email, password });
    this.#era += 1;
    this.#accept(response);
    this.#broadcast({ kind: "signed-in", userId: response.user.id });
  };

  /** False when the service could not be reached: the session then expires there. */
  signOut = async (): Promise<boolean> => {
    this.#clear("left");
    this.#broadcast({ kind: "signed-out" });
    return this.#env
      .exclusively(() => this.#post("/api/token/revoke/", {}))
      .then(
        () => true,
        () => false,
      );
  };

  /** A token good for at least 30 s more. Rejects with an ApiError when signed out. */
  getAccessToken = async (): Promise<string> => {
    if (this.store.getState().status === "unknown") await this.restore();
    if (this.#held && this.#held.expiresAt - this.#env.now() > MARGIN_MS) return this.#held.token;
    return this.#refreshIfSignedIn();
  };

  /** A token other than the one a server just refused. */
  renewAccessToken = async (refused: string): Promise<string> => {
    if (this.#held && this.#held.token !== refused) return this.#held.token;
    return this.#refreshIfSignedIn();
  };

  /** Calls back with each new token, and with null at sign-out. Returns a function that stops it. */
  onTokenChange = (callback: (token: string | null) => void): (() => void) => {
    this.#listeners.add(callback);
    return () => this.#listeners.delete(callback);
  };

  async #restore(): Promise<void> {
    if (this.#env.hint.getItem(HINT) === null) {
      if (this.store.getState().status === "unknown")
        this.store.setState({ status: "signed-out", user: null, reason: "never" }, true);
      return;
    }
    try {
      await this.#refresh();
    } catch (error) {
      // Not refused but unreachable: the cookie may be good, so the next call tries again.
      if (this.store.getState().status === "unknown") throw error;
    }
  }

  #accept(response: TokenResponse): string {
    const lifetime = response.expires_in * 1000;
    const before = this.store.getState().user;
    if (before && before.id !== response.user.id) this.#clear("left");
    this.#held = { token: response.access, expiresAt: this.#env.now() + lifetime };
    this.#env.hint.setItem(HINT, "1");
    this.store.setState({ status: "signed-in", user: response.user }, true);
    this.#schedule(lifetime * 0.8);
    for (const listener of this.#listeners) listener(response.access);
    return response.access;
  }

  #clear(reason: SignedOutReason): void {
    clearTimeout(this.#timer);
    this.#held = null;
    this.#era += 1;
    this.#env.hint.removeItem(HINT);
    this.store.setState({ status: "signed-out", user: null, reason }, true);
    for (const listener of this.#listeners) listener(null);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#refresh().catch((error: unknown) => {
        // Offline or overloaded: the session is still valid. Keep it and try again.
        if (this.store.getState().status !== "signed-in") return;
        this.#schedule(Math.max(RETRY_MS, error instanceof ApiError ? error.retryAfterMs : 0));
      });
    }, delayMs);
  }

  #refreshIfSignedIn(): Promise<string> {
    return this.store.getState().status === "signed-in" ? this.#refresh() : Promise.reject(signedOut());
  }

  #refresh(): Promise<string> {
    const era = this.#era;
    this.#refreshing ??= this.#env
      .exclusively(() => this.#requestRefresh(era))
      .finally(() => {
        this.#refreshing = null;
      });
    return this.#refreshing;
  }

  async #requestRefresh(era: number): Promise<string> {
    try {
      const response = await this.#post<TokenResponse>("/api/token/refresh/", {});
      if (era === this.#era) return this.#accept(response);
    } catch (error) {
      if (era === this.#era && error instanceof ApiError && error.status === 401) this.#clear("ended");
      throw error;
    }
    // A sign-in or sign-out in between wins over this response.
    if (this.#held) return this.#held.token;
    throw signedOut();
  }

  #broadcast(message: TabMessage): void {
    this.#env.channel.postMessage(message);
  }

  #receive(message: TabMessage): void {
    const user = this.store.getState().user;
    if (message.kind === "signed-out") {
      if (user) this.#clear("left");
    } else if (user?.id !== message.userId) {
      if (user) this.#clear("left");
      this.#env.hint.setItem(HINT, "1");
      // Unreachable: the next request of this tab refreshes again.
      this.#refresh().catch(() => undefined);
    }
  }

  async #post<T>(path: string, body: unknown): Promise<T> {
    try {
      const reply = await this.#env.fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(body),
      });
      const text = await reply.text();
      if (!reply.ok) throw problemError(reply.status, text, reply.headers.get("Retry-After"));
      return (text ? JSON.parse(text) : undefined) as T;
    } catch (error) {
      throw asApiError(error);
    }
  }
}

function signedOut(): ApiError {
  return new ApiError("token_invalid", "You are signed out.", { status: 401 });
}
