import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import type { Picture } from "../../../session/frames.ts";
import { startState } from "../../../session/state.ts";
import type { Exploration } from "../state/exploration.ts";
import { PlotMessage } from "./PlotMessage.tsx";

const ERROR = {
  type: "error",
  code: "unknown_dataset",
  field: "",
  detail: "There is no such dataset.",
  viewId: 1,
  seq: 1,
  requestId: "s-4",
  retryAfterMs: 0,
} as const;

afterEach(cleanup);

function show(change: Partial<ReturnType<typeof startState>>, supported = true) {
  const store = createStore(() => ({
    ...startState({ kind: "points", options: {}, viewport: null }),
    ...change,
  }));
  const exploration = {
    session: { store, retry: vi.fn<() => void>() },
    connection: { retry: vi.fn<() => void>() },
  };
  render(
    <MantineProvider>
      <PlotMessage exploration={exploration as unknown as Exploration} supported={supported} />
    </MantineProvider>,
  );
  return { ...exploration };
}

it("says in words what a browser without WebGL2 lacks", () => {
  show({}, false);
  expect(screen.getByRole("alert")).toHaveTextContent("WebGL2");
});

it("says why there is no picture, with an id, and tries again", async () => {
  const { session } = show({ error: ERROR });
  expect(screen.getByText("s-4")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(session.retry).toHaveBeenCalled();
});

it("says that a table has nothing to draw, which is no fault", () => {
  show({ error: { ...ERROR, code: "param_invalid", field: "x", detail: "No column can be an axis." } });
  expect(screen.getByRole("status")).toHaveTextContent("There is nothing to drawNo column can be an axis.");
  expect(screen.queryByRole("button")).toBeNull();
});

it("says why the connection has ended", async () => {
  const { connection } = show({ link: { state: "stopped", reason: "You are signed out." } });
  expect(screen.getByRole("alert")).toHaveTextContent("You are signed out.");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(connection.retry).toHaveBeenCalled();
});

it("never covers a picture", () => {
  show({ error: ERROR, picture: {} as Picture });
  expect(screen.queryByRole("alert")).toBeNull();
});
