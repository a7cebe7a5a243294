import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { problem, renderApp, serve } from "../../app/testing.tsx";
import { auth } from "../../net/rest/auth.ts";

afterEach(() => vi.useRealTimers());

const EMPTY = { "GET /api/datasets/": { results: [], next: null } };

async function signIn(email = "ada@example.org", password = "secret") {
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText("E-mail"), email);
  await user.type(screen.getByLabelText("Password"), password);
  await user.click(screen.getByRole("button", { name: "Sign in" }));
}

test("a visitor is sent to sign in and comes back to the wanted address", async () => {
  const log = serve({ "GET /api/jobs/": { results: [], next: null } });
  const { address } = await renderApp("/jobs?state=failed", { signedIn: false });
  await screen.findByLabelText("E-mail");
  expect(address()).toBe("/login?next=%2Fjobs%3Fstate%3Dfailed");
  await signIn(" ada@example.org ", " secret ");
  expect(await screen.findByRole("heading", { name: "Jobs" })).toBeVisible();
  expect(address()).toBe("/jobs?state=failed");
  expect(log[0]?.body).toEqual({ email: "ada@example.org", password: " secret " });
});

test("a wrong password says not which part was wrong, and takes the focus", async () => {
  serve({ "POST /api/token/": () => problem(401, "auth_required") });
  await renderApp("/login", { signedIn: false });
  await signIn();
  const summary = await screen.findByRole("alert");
  expect(summary).toHaveTextContent("The e-mail or the password is wrong");
  await waitFor(() => expect(summary).toHaveFocus());
});

test("empty fields are named without asking the service", async () => {
  const log = serve({});
  await renderApp("/login", { signedIn: false });
  await userEvent.click(await screen.findByRole("button", { name: "Sign in" }));
  expect(screen.getByText("Enter your e-mail address")).toBeVisible();
  expect(screen.getByText("Enter your password")).toBeVisible();
  expect(log).toEqual([]);
});

test("too many tries show the wait, and the button comes back after it", async () => {
  const at = Date.now();
  const clock = vi.spyOn(Date, "now").mockReturnValue(at);
  serve({ "POST /api/token/": () => problem(429, "rate_limited", { "Retry-After": "42" }) });
  await renderApp("/login", { signedIn: false });
  await signIn();
  expect(await screen.findByText("Try again in 42 s.")).toBeVisible();
  const button = screen.getByRole("button", { name: "Sign in" });
  expect(button).toBeDisabled();
  clock.mockReturnValue(at + 43_000);
  await waitFor(() => expect(button).toBeEnabled());
});

test("a service that is away is distinguished from a wrong password", async () => {
  serve({ "POST /api/token/": () => Promise.reject(new TypeError("network")) });
  await renderApp("/login", { signedIn: false });
  await signIn();
  expect(await screen.findByRole("alert")).toHaveTextContent("Halftone cannot be reached");
});

test("a signed-in visitor goes straight to the wanted page", async () => {
  serve(EMPTY);
  const { address } = await renderApp("/login?next=/datasets%3Fq%3Da");
  await screen.findByRole("heading", { name: "Datasets" });
  expect(address()).toBe("/datasets?q=a");
});

test("signing out leaves for a clean sign-in page", async () => {
  serve(EMPTY);
  const { address } = await renderApp("/datasets");
  await userEvent.click(await screen.findByRole("button", { name: "Account of ada@example.org" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  await screen.findByLabelText("E-mail");
  expect(address()).toBe("/login");
});

test("a session that the service ended says so and keeps the place", async () => {
  serve({ ...EMPTY, "POST /api/token/refresh/": () => problem(401, "token_invalid") });
  const { address } = await renderApp("/datasets");
  await screen.findByRole("heading", { name: "Datasets" });
  await act(() => auth.renewAccessToken("token").catch(() => undefined));
  expect(await screen.findByText(/Your session ended/)).toBeVisible();
  expect(address()).toBe("/login?next=%2Fdatasets");
});

test.each([
  [true, false],
  [false, true],
])("on a secure address %s, the warning shows: %s", async (secure, warned) => {
  vi.stubGlobal("isSecureContext", secure);
  serve({});
  await renderApp("/login", { signedIn: false });
  await screen.findByLabelText("E-mail");
  expect(screen.queryByText("This address has no encryption") !== null).toBe(warned);
});
