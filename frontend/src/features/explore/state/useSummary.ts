import { useEffect } from "react";
import { useStore } from "zustand";
import type { Exploration } from "./exploration.ts";
import { summarise } from "./summary.ts";

/** The summary changes at most this often: a screen reader reads each change. */
const EVERY_MS = 2_000;
const SETTLED_MS = 300;

/** The summary of the picture, renewed when the picture is whole and no gesture lasts. */
export function useSummary(exploration: Exploration): string {
  const { session, summary } = exploration;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let summarisedAt = Number.NEGATIVE_INFINITY;
    const summariseNow = () => {
      timer = undefined;
      summarisedAt = performance.now();
      summary.setState({ text: summarise(session) });
    };
    const stop = session.store.subscribe((state, before) => {
      const settled = state.picture && !state.pending && !state.moving;
      const changed = state.picture !== before.picture || state.moving !== before.moving;
      if (!settled) clearTimeout(timer);
      else if (changed) {
        clearTimeout(timer);
        timer = setTimeout(summariseNow, Math.max(SETTLED_MS, summarisedAt + EVERY_MS - performance.now()));
      }
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [session, summary]);
  return useStore(summary, (state) => state.text);
}
