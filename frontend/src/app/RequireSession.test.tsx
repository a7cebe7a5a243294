import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { auth } from "../net/rest/auth.ts";
import { ApiError } from "../net/rest/errors.ts";
import { renderApp, serve } from "./testing.tsx";

/** As after a reload: the session is not restored yet. */
function reload() {
  auth.store.setState({ status: "unknown", user: null }, true);
}

test("after a reload the page opens as soon as the session is taken up again", async () => {
  serve({ "GET /api/jobs/": { results: [], next: null } });
  await renderApp("/jobs");
  reload();
  expect(await screen.findByRole("heading", { name: "Jobs" })).toBeVisible();
});

test("a service that does not respond is no reason to sign in again", async () => {
  serve({ "GET /api/jobs/": { results: [], next: null } });
  const restore = vi.spyOn(auth, "restore").mockRejectedValue(new ApiError("offline", "Not reached."));
  const { address } = await renderApp("/jobs");
  reload();
  const alert = await screen.findByText("Halftone cannot be reached");
  expect(alert).toBeVisible();
  expect(address()).toBe("/jobs");
  restore.mockRestore();
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { name: "Jobs" })).toBeVisible();
});
