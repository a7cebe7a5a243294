import { beforeEach, expect, it } from "vitest";
import { type Change, Pacing } from "./pacing.ts";

let time: number;
let timers: { at: number; run: () => void }[];
let paints: (() => void)[];
let sent: Change[];
let repeated: number;
let state: { ready: boolean; awaiting: boolean };
let pacing: Pacing;

function pass(ms: number): void {
  time += ms;
  const due = timers.filter(({ at }) => at <= time);
  timers = timers.filter(({ at }) => at > time);
  for (const { run } of due) run();
  for (const run of paints.splice(0)) run();
}

beforeEach(() => {
  [time, timers, paints, sent, repeated] = [0, [], [], [], 0];
  state = { ready: true, awaiting: false };
  const clock = {
    now: () => time,
    random: () => 0.5,
    beforePaint: (run: () => void) => void paints.push(run),
    after: (ms: number, run: () => void) => {
      const timer = { at: time + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  const target = {
    isReady: () => state.ready,
    isAwaiting: () => state.awaiting,
    send: (change: Change) => void sent.push(change),
    repeat: () => void (repeated += 1),
  };
  pacing = new Pacing(clock, target, 60);
});

it("sends changes together, before the paint", () => {
  pacing.change({ viewport: true });
  pacing.change({ options: true });
  expect(sent).toEqual([]);
  pass(0);
  expect(sent).toEqual([{ options: true, viewport: true }]);
  pass(100);
  expect(sent).toHaveLength(1);
});

it("keeps the distance that the server's rate asks for", () => {
  pacing.change({ viewport: true });
  pass(0);
  pacing.change({ viewport: true });
  pass(19);
  expect(sent).toHaveLength(1);
  pass(1);
  expect(sent).toHaveLength(2);
  pacing.limit(6);
  pacing.change({ viewport: true });
  pass(199);
  expect(sent).toHaveLength(2);
  pass(1);
  expect(sent).toHaveLength(3);
});

it("lets an awaited answer come, until the gesture ends or for long enough", () => {
  pacing.change({ viewport: true });
  pass(0);
  state.awaiting = true;
  pacing.change({ viewport: true });
  pass(50);
  expect(sent).toHaveLength(1);
  state.awaiting = false;
  pacing.plan();
  pass(0);
  expect(sent).toHaveLength(2);
  state.awaiting = true;
  pacing.change({ viewport: true });
  pass(120);
  expect(sent).toHaveLength(3);
});

it("keeps what is due while the view takes no requests; an open settles it", () => {
  state.ready = false;
  pacing.change({ options: true });
  pass(0);
  expect(sent).toEqual([]);
  state.ready = true;
  pacing.plan();
  pass(0);
  expect(sent).toEqual([{ options: true, viewport: false }]);
  pacing.change({ viewport: true });
  pacing.opening();
  pass(100);
  expect(sent).toHaveLength(1);
});

it("repeats later and later, not before the given delay, and not once another request is out", () => {
  pacing.retry(400);
  pass(399);
  expect([repeated, pacing.failures]).toEqual([0, 1]);
  pass(1);
  expect(repeated).toBe(1);
  pacing.retry(0);
  pass(499);
  expect(repeated).toBe(1);
  pacing.change({ viewport: true });
  pass(0);
  pass(1000);
  expect(repeated).toBe(1);
  pacing.answered();
  expect(pacing.failures).toBe(0);
});

it("does nothing after its end", () => {
  pacing.change({ viewport: true });
  pass(0);
  pacing.change({ viewport: true });
  pacing.retry(0);
  pacing.stop();
  pass(10_000);
  expect([sent.length, repeated]).toEqual([1, 0]);
});
