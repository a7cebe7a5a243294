import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { renderApp, serve } from "./testing.tsx";

const EMPTY = {
  "GET /api/datasets/": { results: [], next: null },
  "GET /api/jobs/": { results: [], next: null },
};

test("the first stop of the keyboard skips to the content", async () => {
  serve(EMPTY);
  await renderApp("/datasets");
  const skip = await screen.findByRole("link", { name: "Skip to the content" });
  await userEvent.tab();
  expect(skip).toHaveFocus();
  expect(skip).toHaveAttribute("href", "#main");
});

test("another page takes the focus and marks its place in the navigation", async () => {
  serve(EMPTY);
  await renderApp("/datasets");
  const jobs = await screen.findByRole("link", { name: "Jobs" });
  await userEvent.click(jobs);
  expect(await screen.findByRole("heading", { name: "Jobs" })).toBeVisible();
  await waitFor(() => expect(screen.getByRole("main")).toHaveFocus());
  expect(jobs).toHaveAttribute("aria-current", "page");
  expect(screen.getByRole("link", { name: "Datasets" })).not.toHaveAttribute("aria-current");
});

test("the theme is one choice of three", async () => {
  serve(EMPTY);
  await renderApp("/datasets");
  await userEvent.click(await screen.findByRole("button", { name: /Account of/ }));
  await userEvent.click(await screen.findByRole("menuitemradio", { name: "Dark" }));
  expect(screen.getByRole("menuitemradio", { name: "Dark" })).toHaveAttribute("aria-checked", "true");
  expect(document.documentElement).toHaveAttribute("data-mantine-color-scheme", "dark");
  expect(screen.queryByRole("menuitem", { name: "Administration" })).toBeNull();
});

test("an unknown address names the next step", async () => {
  serve(EMPTY);
  await renderApp("/no/such/page");
  expect(await screen.findByRole("heading", { name: "There is nothing here" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Go to the datasets" })).toHaveAttribute("href", "/datasets");
});
