/** The app with a fake service, for tests of whole pages. */
import { MantineProvider } from "@mantine/core";
import { cleanNotifications, Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render } from "@testing-library/react";
import { createMemoryRouter } from "react-router";
import { RouterProvider } from "react-router/dom";
import { onTestFinished, vi } from "vitest";
import type { User } from "../net/rest/auth-session.ts";
import { auth } from "../net/rest/auth.ts";
import { routes } from "./routes.tsx";
import { theme } from "./theme.ts";

export const ADA: User = { id: "u-ada", email: "ada@example.org", name: "Ada", is_staff: false };

export interface RecordedRequest {
  method: string;
  path: string;
  search: URLSearchParams;
  body: unknown;
}

type Responder = (recorded: RecordedRequest) => Response | Promise<Response>;

/** Responds by "METHOD /path"; anything else is a 404 problem. Returns the requests, in order. */
export function serve(responders: Record<string, Responder | object>): RecordedRequest[] {
  const log: RecordedRequest[] = [];
  const tokens = { access: "token", expires_in: 300, user: ADA };
  const all: Record<string, Responder | object> = {
    "POST /api/token/": tokens,
    "POST /api/token/refresh/": tokens,
    "POST /api/token/revoke/": () => new Response(null, { status: 204 }),
    ...responders,
  };
  vi.stubGlobal("fetch", async (input: string, init: RequestInit = {}) => {
    const url = new URL(input, "http://localhost");
    const body = typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : undefined;
    const recorded = { method: init.method ?? "GET", path: url.pathname, search: url.searchParams, body };
    log.push(recorded);
    const responder = all[`${recorded.method} ${recorded.path}`];
    if (responder === undefined) return problem(404, "not_found");
    return typeof responder === "function" ? (responder as Responder)(recorded) : Response.json(responder);
  });
  return log;
}

export function problem(
  status: number,
  code: string,
  headers: Record<string, string> = {},
  detail = "",
): Response {
  return Response.json({ code, detail, field: "", request_id: "request-1" }, { status, headers });
}

/** Renders the app at an address; signed in by default. */
export async function renderApp(address: string, { signedIn = true } = {}) {
  if (signedIn) await auth.signIn(ADA.email, "secret");
  else auth.store.setState({ status: "signed-out", user: null, reason: "never" }, true);
  const router = createMemoryRouter(routes, { initialEntries: [address] });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const view = render(
    <MantineProvider theme={theme} env="test">
      <Notifications />
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  onTestFinished(async () => {
    await act(() => auth.signOut());
    act(() => cleanNotifications());
    view.unmount();
    client.clear();
  });
  return {
    router,
    client,
    address: () => `${router.state.location.pathname}${router.state.location.search}`,
  };
}
