import { expect, test } from "vitest";
import { createApi } from "./api.ts";
import { ApiError } from "./errors.ts";

interface Sent {
  url: string;
  init: RequestInit;
}

/** An api before answers that are given out in order; tokens are token-1, token-2 … */
function before(...answers: (Response | Error)[]) {
  const sent: Sent[] = [];
  let serial = 1;
  const tokens = {
    getAccessToken: async () => `token-${serial}`,
    renewAccessToken: async (refused: string) => {
      if (refused === `token-${serial}`) serial += 1;
      return `token-${serial}`;
    },
  };
  const send = async (url: string | URL | Request, init: RequestInit = {}) => {
    sent.push({ url: String(url), init });
    const answer = answers.shift() ?? new Response("", { status: 500 });
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { api: createApi(tokens, send), sent };
}

const header = (sent: Sent | undefined, name: string) => new Headers(sent?.init.headers).get(name);

test("the token rides in a header, never in the address", async () => {
  const { api, sent } = before(Response.json({ ok: true }));
  expect(await api("/api/datasets/", { query: { search: "a b", cursor: undefined, page: "" } })).toEqual({
    ok: true,
  });
  expect(sent[0]?.url).toBe("/api/datasets/?search=a+b");
  expect(header(sent[0], "Authorization")).toBe("Bearer token-1");
  expect(header(sent[0], "Content-Type")).toBeNull();
});

test("a body is JSON, an empty answer is undefined", async () => {
  const { api, sent } = before(new Response(null, { status: 204 }));
  expect(await api("/api/x/", { method: "POST", body: { a: 1 } })).toBeUndefined();
  expect(sent[0]?.init.body).toBe('{"a":1}');
  expect(header(sent[0], "Content-Type")).toBe("application/json");
});

test("a token that the service refuses is renewed once", async () => {
  const refused = () => Response.json({ code: "token_expired", detail: "" }, { status: 401 });
  const { api, sent } = before(refused(), Response.json(1));
  expect(await api("/api/x/")).toBe(1);
  expect(sent.map((each) => header(each, "Authorization"))).toEqual(["Bearer token-1", "Bearer token-2"]);
  const stubborn = before(refused(), refused());
  await expect(stubborn.api("/api/x/")).rejects.toMatchObject({ code: "token_expired", status: 401 });
  expect(stubborn.sent).toHaveLength(2);
});

test("problems, silence and aborts are distinguished", async () => {
  const answer = Response.json(
    { code: "overloaded", detail: "Busy." },
    { status: 503, headers: { "Retry-After": "3" } },
  );
  await expect(before(answer).api("/x")).rejects.toMatchObject({ code: "overloaded", retryAfterMs: 3_000 });
  await expect(before(new TypeError("network")).api("/x")).rejects.toBeInstanceOf(ApiError);
  const abort = new DOMException("", "AbortError");
  await expect(before(abort).api("/x")).rejects.toBe(abort);
});
