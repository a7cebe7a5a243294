import { useEffect } from "react";
import { useStore } from "zustand";
import type { Exploration } from "../state/exploration.ts";
import { summarise } from "./summary.ts";

/** A screen reader is told at most this often. */
const EVERY_MS = 2_000;
const SETTLED_MS = 300;

/** The picture in words, renewed when a whole picture is at rest. */
export function useSummary(exploration: Exploration): string {
  const { session, summary } = exploration;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let spokenAt = Number.NEGATIVE_INFINITY;
    const speak = () => {
      timer = undefined;
      spokenAt = performance.now();
      summary.setState({ text: summarise(session) });
    };
    const stop = session.store.subscribe((state, before) => {
      const settled = state.picture && !state.pending && !state.moving;
      const changed = state.picture !== before.picture || state.moving !== before.moving;
      if (!settled) clearTimeout(timer);
      else if (changed) {
        clearTimeout(timer);
        timer = setTimeout(speak, Math.max(SETTLED_MS, spokenAt + EVERY_MS - performance.now()));
      }
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [session, summary]);
  return useStore(summary, (state) => state.text);
}
