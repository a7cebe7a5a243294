import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { problem, renderApp, serve } from "../../app/testing.tsx";
import { dataset } from "./testing.ts";

test("each dataset has a row with its figures and ways in", async () => {
  serve({
    "GET /api/datasets/": {
      results: [dataset(), dataset({ id: "d2", slug: "new", title: "New", version: null })],
      next: null,
    },
  });
  await renderApp("/datasets");
  const row = await screen.findByRole("row", { name: /Flights/ });
  expect(row).toHaveTextContent("3,000,000");
  expect(row).toHaveTextContent("84 MB");
  expect(within(row).getByRole("link", { name: "Flights" })).toHaveAttribute("href", "/d/flights");
  expect(within(row).getByRole("link", { name: "Explore Flights" })).toHaveAttribute(
    "href",
    "/d/flights/explore",
  );
  expect(screen.getByRole("row", { name: /New/ })).toHaveTextContent("No data yet");
});

test("an empty catalogue says what to do", async () => {
  serve({ "GET /api/datasets/": { results: [], next: null } });
  await renderApp("/");
  expect(await screen.findByText("No datasets yet")).toBeVisible();
  expect(screen.getAllByRole("link", { name: "Upload" })[0]).toHaveAttribute("href", "/datasets/new");
});

test("searching asks the service and stays in the address", async () => {
  const log = serve({
    "GET /api/datasets/": ({ search }) =>
      Response.json({ results: search.get("search") ? [] : [dataset()], next: null }),
  });
  const { address } = await renderApp("/datasets");
  await screen.findByRole("row", { name: /Flights/ });
  await userEvent.type(screen.getByLabelText("Search datasets"), "zebra");
  expect(await screen.findByText("No dataset matches")).toBeVisible();
  expect(address()).toBe("/datasets?q=zebra");
  // A slow typist gets the results of the beginning first.
  await waitFor(() => expect(log.at(-1)?.search.get("search")).toBe("zebra"));
  await userEvent.click(screen.getByRole("button", { name: "Clear the search" }));
  expect(await screen.findByRole("row", { name: /Flights/ })).toBeVisible();
});

test("more pages come by the cursor", async () => {
  const log = serve({
    "GET /api/datasets/": ({ search }) =>
      search.get("cursor") === "c2"
        ? Response.json({ results: [dataset({ id: "d2", title: "Second" })], next: null })
        : Response.json({ results: [dataset()], next: "http://elsewhere/api/datasets/?cursor=c2" }),
  });
  await renderApp("/datasets");
  await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
  expect(await screen.findByText("Second")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  expect(log.at(-1)?.path).toBe("/api/datasets/");
});

test("a failure says what happened and can be tried again", async () => {
  let broken = true;
  serve({
    "GET /api/datasets/": () =>
      broken ? problem(500, "internal", {}, "") : Response.json({ results: [], next: null }),
  });
  await renderApp("/datasets");
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("Something went wrong in Halftone");
  expect(alert).toHaveTextContent("request-1");
  broken = false;
  await userEvent.click(within(alert).getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});
