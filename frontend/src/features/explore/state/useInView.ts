import { useEffect, useState } from "react";
import type { SessionState } from "../../../session/state.ts";
import type { Exploration } from "./exploration.ts";
import { type InView, inView } from "./summary.ts";

/** Longer than what a wheel or a key pauses between two steps. */
const SETTLED_MS = 250;

/** What is in view, once the picture is whole and at rest; null while it is not. */
export function useInView({ session }: Exploration): InView | null {
  const [seen, setSeen] = useState<InView | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (state: SessionState) => {
      clearTimeout(timer);
      setSeen(null);
      if (isWhole(state)) timer = setTimeout(() => setSeen(inView(session)), SETTLED_MS);
    };
    look(session.store.getState());
    const stop = session.store.subscribe((state, before) => {
      if (
        state.picture !== before.picture ||
        state.viewport !== before.viewport ||
        isWhole(state) !== isWhole(before)
      )
        look(state);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [session]);
  return seen;
}

function isWhole({ picture, pending, moving }: SessionState): boolean {
  return picture !== null && picture.status === "exact" && pending === null && !moving;
}
