import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Gl, whenDone } from "./gl.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const fakeGl = (state: { done: boolean; lost: boolean }) =>
  ({
    SIGNALED: 1,
    fenceSync: () => ({}),
    flush: () => undefined,
    deleteSync: () => undefined,
    isContextLost: () => state.lost,
    getSyncParameter: () => (state.done ? 1 : 0),
  }) as unknown as Gl;

it("says when all that was drawn is there", () => {
  const state = { done: false, lost: false };
  const done = vi.fn<(isDone: boolean) => void>();
  whenDone(fakeGl(state), done);
  vi.advanceTimersByTime(100);
  expect(done).not.toHaveBeenCalled();
  state.done = true;
  vi.advanceTimersByTime(100);
  expect(done.mock.calls).toEqual([[true]]);
});

it("ends where the context is lost", () => {
  const state = { done: false, lost: false };
  const done = vi.fn<(isDone: boolean) => void>();
  whenDone(fakeGl(state), done);
  state.lost = true;
  vi.advanceTimersByTime(100);
  expect(done.mock.calls).toEqual([[false]]);
});
