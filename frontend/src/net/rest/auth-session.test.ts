import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type AuthEnvironment, AuthSession, type User } from "./auth-session.ts";
import { ApiError } from "./errors.ts";

const WAIT = { timeout: 30_000 };
const ADA: User = { id: "u-ada", email: "ada@example.org", name: "Ada", is_staff: false };
const BOB: User = { id: "u-bob", email: "bob@example.org", name: "Bob", is_staff: false };

/** One browser: a cookie jar, a lock and a channel that its tabs share, before a service that rotates. */
class Browser {
  cookie: string | null = null;
  user: User = ADA;
  serial = 0;
  calls: string[] = [];
  replays = 0;
  running = 0;
  /** What the next requests get instead of an answer. */
  failures: (() => Response | Promise<Response>)[] = [];
  readonly storage = new Map<string, string>();
  #lock: Promise<unknown> = Promise.resolve();
  readonly #tabs: EventTarget[] = [];

  tab(): AuthSession {
    const channel = new EventTarget();
    this.#tabs.push(channel);
    const env: AuthEnvironment = {
      fetch: (input, init) => this.#answer(String(input), init),
      exclusively: (work) => {
        const turn = this.#lock.then(work);
        this.#lock = turn.catch(() => undefined);
        return turn;
      },
      channel: Object.assign(channel, {
        postMessage: (data: unknown) => {
          for (const other of this.#tabs) {
            if (other !== channel) other.dispatchEvent(new MessageEvent("message", { data }));
          }
        },
      }) as AuthEnvironment["channel"],
      hint: {
        getItem: (key) => this.storage.get(key) ?? null,
        setItem: (key, value) => void this.storage.set(key, value),
        removeItem: (key) => void this.storage.delete(key),
      },
      now: () => Date.now(),
    };
    return new AuthSession(env);
  }

  async #answer(path: string, init?: RequestInit): Promise<Response> {
    this.calls.push(path);
    const failure = this.failures.shift();
    if (failure) return failure();
    const presented = this.cookie;
    // The way to the service and back, on which another tab could present the same cookie.
    for (let step = 0; step < 50; step += 1) await Promise.resolve();
    if (path === "/api/token/") return this.#signIn(String(init?.body));
    if (path === "/api/token/revoke/") {
      this.cookie = null;
      return new Response(null, { status: 204 });
    }
    if (presented === null) return problem(401, "auth_required");
    // The cookie changed while this request was on its way: a second tab used the same one.
    if (presented !== this.cookie) {
      this.replays += 1;
      return problem(401, "token_invalid");
    }
    return this.#tokens();
  }

  #signIn(body: string): Response {
    return body.includes("wrong") ? problem(401, "auth_required") : this.#tokens();
  }

  #tokens(): Response {
    this.serial += 1;
    this.cookie = `refresh-${this.serial}`;
    return Response.json({ access: `access-${this.serial}`, expires_in: 300, user: this.user });
  }
}

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ code, detail: "", field: "", request_id: "r" }, { status, headers });
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("at load", () => {
  test("a visitor without a session is asked nothing", async () => {
    const browser = new Browser();
    const tab = browser.tab();
    await tab.restore();
    expect(tab.store.getState()).toEqual({ status: "signed-out", user: null, reason: "never" });
    expect(browser.calls).toEqual([]);
  });

  test("a reload takes the session up again by the cookie", async () => {
    const browser = new Browser();
    await browser.tab().signIn("ada@example.org", "right");
    const reloaded = browser.tab();
    expect(reloaded.store.getState().status).toBe("unknown");
    expect(await reloaded.getAccessToken()).toBe("access-2");
    expect(reloaded.store.getState()).toEqual({ status: "signed-in", user: ADA });
  });

  test("a cookie that no longer counts means signed out, and is not tried again", async () => {
    const browser = new Browser();
    await browser.tab().signIn("ada@example.org", "right");
    browser.cookie = null;
    const reloaded = browser.tab();
    await reloaded.restore();
    expect(reloaded.store.getState()).toMatchObject({ status: "signed-out", reason: "ended" });
    expect(browser.storage.size).toBe(0);
  });

  test("a service that is away leaves the question open", async () => {
    const browser = new Browser();
    await browser.tab().signIn("ada@example.org", "right");
    const reloaded = browser.tab();
    browser.failures.push(() => Promise.reject(new TypeError("network")));
    await expect(reloaded.restore()).rejects.toMatchObject({ code: "offline" });
    expect(reloaded.store.getState().status).toBe("unknown");
    await reloaded.restore();
    expect(reloaded.store.getState().status).toBe("signed-in");
  });
});

describe("refreshing", () => {
  test("many callers share one request", async () => {
    const browser = new Browser();
    const tab = browser.tab();
    await tab.signIn("ada@example.org", "right");
    vi.setSystemTime(Date.now() + 290_000);
    const tokens = await Promise.all([
      tab.getAccessToken(),
      tab.getAccessToken(),
      tab.renewAccessToken("access-1"),
    ]);
    expect(new Set(tokens)).toEqual(new Set(["access-2"]));
    expect(browser.calls).toEqual(["/api/token/", "/api/token/refresh/"]);
  });

  test("two tabs take turns and never present the same cookie", async () => {
    const browser = new Browser();
    const first = browser.tab();
    await first.signIn("ada@example.org", "right");
    const second = browser.tab();
    await second.restore();
    vi.setSystemTime(Date.now() + 290_000);
    const tokens = await Promise.all([first.getAccessToken(), second.getAccessToken()]);
    expect(new Set(tokens).size).toBe(2);
    expect(browser.replays).toBe(0);
  });

  test("a good token is used as it is; one close to its end is not", async () => {
    const browser = new Browser();
    const tab = browser.tab();
    await tab.signIn("ada@example.org", "right");
    vi.setSystemTime(Date.now() + 269_000);
    expect(await tab.getAccessToken()).toBe("access-1");
    vi.setSystemTime(Date.now() + 2_000);
    expect(await tab.getAccessToken()).toBe("access-2");
  });

  test("the timer renews before the end and tells who listens", async () => {
    const browser = new Browser();
    const tab = browser.tab();
    const heard: (string | null)[] = [];
    const stop = tab.onTokenChange((token) => heard.push(token));
    await tab.signIn("ada@example.org", "right");
    await vi.advanceTimersByTimeAsync(241_000);
    expect(heard).toEqual(["access-1", "access-2"]);
    stop();
    await vi.advanceTimersByTimeAsync(241_000);
    expect(heard).toHaveLength(2);
    expect(browser.serial).toBe(3);
  });

  test("an outage keeps the session and asks again", async () => {
    const browser = new Browser();
    const tab = browser.tab();
    await tab.signIn("ada@example.org", "right");
    browser.failures.push(
      () => Promise.reject(new TypeError("network")),
      () => problem(503, "overloaded", { "Retry-After": "7" }),
    );
    await vi.advanceTimersByTimeAsync(240_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(tab.store.getState().status).toBe("signed-in");
    expect(browser.serial).toBe(1);
    await vi.advanceTimersByTimeAsync(6_999);
    expect(browser.serial).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(browser.serial).toBe(2);
  });

  test("a refused refresh ends the session and tells who listens", async () => {
    const browser = new Browser();
    const tab = browser.tab();
    await tab.signIn("ada@example.org", "right");
    const heard = vi.fn<(token: string | null) => void>();
    tab.onTokenChange(heard);
    browser.cookie = null;
    await expect(tab.renewAccessToken("access-1")).rejects.toBeInstanceOf(ApiError);
    expect(tab.store.getState()).toMatchObject({ status: "signed-out", reason: "ended" });
    expect(heard.mock.calls).toEqual([[null]]);
    await expect(tab.getAccessToken()).rejects.toMatchObject({ code: "token_invalid" });
  });

  test("a token that was replaced meanwhile needs no new request", async () => {
    const browser = new Browser();
    const tab = browser.tab();
    await tab.signIn("ada@example.org", "right");
    expect(await tab.renewAccessToken("access-0")).toBe("access-1");
    expect(browser.calls).toHaveLength(1);
  });
});

describe("signing in and out", () => {
  test("a wrong password changes nothing", async () => {
    const tab = new Browser().tab();
    await tab.restore();
    await expect(tab.signIn("ada@example.org", "wrong")).rejects.toMatchObject({ status: 401 });
    expect(tab.store.getState()).toMatchObject({ status: "signed-out", reason: "never" });
  });

  test("signing out revokes and reaches the other tabs", async () => {
    const browser = new Browser();
    const [first, second] = [browser.tab(), browser.tab()];
    await first.signIn("ada@example.org", "right");
    await second.restore();
    expect(await first.signOut()).toBe(true);
    expect(browser.cookie).toBeNull();
    for (const tab of [first, second]) {
      expect(tab.store.getState()).toMatchObject({ status: "signed-out", reason: "left" });
      await expect(tab.getAccessToken()).rejects.toMatchObject({ status: 401 });
    }
    await vi.advanceTimersByTimeAsync(600_000);
    expect(browser.cookie).toBeNull();
  });

  test("an answer from before the sign-out is not believed after it", async () => {
    const browser = new Browser();
    const tab = browser.tab();
    await tab.signIn("ada@example.org", "right");
    const pending = tab.renewAccessToken("access-1");
    await tab.signOut();
    await expect(pending).rejects.toMatchObject({ code: "token_invalid" });
    expect(tab.store.getState().status).toBe("signed-out");
    expect(browser.cookie).toBeNull();
  });

  test("an unreachable service is recognised, and this tab is signed out all the same", async () => {
    const browser = new Browser();
    const tab = browser.tab();
    await tab.signIn("ada@example.org", "right");
    browser.failures.push(() => Promise.reject(new TypeError("network")));
    expect(await tab.signOut()).toBe(false);
    const reloaded = browser.tab();
    await reloaded.restore();
    expect(reloaded.store.getState().status).toBe("signed-out");
  });

  test("a sign-in wakes tabs that wait on the sign-in page", async () => {
    const browser = new Browser();
    const [first, second] = [browser.tab(), browser.tab()];
    await second.restore();
    await first.signIn("ada@example.org", "right");
    await vi.waitFor(() => expect(second.store.getState()).toEqual({ status: "signed-in", user: ADA }), WAIT);
  });

  test("another person signing in replaces this one and clears what was theirs", async () => {
    const browser = new Browser();
    const [first, second] = [browser.tab(), browser.tab()];
    await first.signIn("ada@example.org", "right");
    await second.restore();
    const heard: (string | null)[] = [];
    second.onTokenChange((token) => heard.push(token));
    browser.user = BOB;
    await first.signIn("bob@example.org", "right");
    await vi.waitFor(() => expect(second.store.getState()).toEqual({ status: "signed-in", user: BOB }), WAIT);
    expect(heard[0]).toBeNull();
  });
});
