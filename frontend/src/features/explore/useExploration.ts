/** Makes an exploration for as long as the page lives, and keeps the address bar in step with it. */
import { useEffect, useRef, useState } from "react";
import { NavigationType, useLocation, useNavigate, useNavigationType } from "react-router";
import { Exploration } from "./exploration.ts";
import type { Kinds } from "./schema.ts";
import { UrlTrail, type Write } from "./url-trail.ts";

export function useExploration(slug: string, kinds: Kinds): Exploration | null {
  const [exploration, setExploration] = useState<Exploration | null>(null);
  const location = useLocation();
  const popped = useNavigationType() === NavigationType.Pop;
  const navigate = useNavigate();
  const search = useRef(location.search);
  const heard = useRef(location);
  const open = useRef<{ made: Exploration; trail: UrlTrail } | null>(null);
  const go = useRef(navigate);
  useEffect(() => {
    go.current = navigate;
    search.current = location.search;
  }, [navigate, location.search]);

  useEffect(() => {
    const made = new Exploration(slug, kinds, search.current);
    const trail = trailOf(made, search.current, (next, replace) =>
      go.current(next, { replace, preventScrollReset: true }),
    );
    made.onChange = (trace) => trail.note(trace);
    const stop = made.session.store.subscribe((state, before) => {
      if (state.version !== before.version || state.picture?.key !== before.picture?.key)
        trail.note("replace");
    });
    open.current = { made, trail };
    setExploration(made);
    return () => {
      stop();
      open.current = null;
      trail.dispose();
      made.dispose();
      setExploration(null);
    };
  }, [slug, kinds]);

  useEffect(() => {
    if (heard.current === location) return;
    heard.current = location;
    if (!open.current) return;
    const { made, trail } = open.current;
    if (!trail.wrote(location.search, popped)) made.apply(location.search);
  }, [location, popped]);

  return exploration;
}

function trailOf(
  made: Exploration,
  search: string,
  navigate: (search: string, replace: boolean) => unknown,
): UrlTrail {
  const world = {
    read: () => made.search(),
    write: (next: string, how: Write) => {
      if (how === "quiet") window.history.replaceState(window.history.state, "", next);
      else navigate(next, how === "replace");
    },
    after: (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
  return new UrlTrail(world, search);
}
