import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, Outlet } from "react-router";
import { RouterProvider } from "react-router/dom";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RouteError } from "./RouteError.tsx";

// React reports what a boundary caught; here that is the point.
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined));
afterEach(() => vi.restoreAllMocks());

function Broken(): never {
  throw new TypeError("x is undefined");
}

function renderBroken() {
  const router = createMemoryRouter([
    {
      element: (
        <>
          <header>Halftone</header>
          <Outlet />
        </>
      ),
      children: [{ path: "/", element: <Broken />, errorElement: <RouteError /> }],
    },
  ]);
  render(
    <MantineProvider env="test">
      <RouterProvider router={router} />
    </MantineProvider>,
  );
}

test("a page that breaks leaves the rest alive and offers the details", async () => {
  renderBroken();
  expect(await screen.findByRole("alert")).toHaveTextContent("Something went wrong on this page");
  expect(screen.getByText("Halftone")).toBeVisible();
  const user = userEvent.setup();
  // Looked for from before the click: it says so for two seconds only.
  const copied = screen.findByRole("button", { name: "Copied" });
  await user.click(screen.getByRole("button", { name: "Copy details" }));
  expect(await copied).toBeVisible();
  expect(await navigator.clipboard.readText()).toContain("error: TypeError: x is undefined");
});
