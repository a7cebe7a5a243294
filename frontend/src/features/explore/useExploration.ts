/** Makes an exploration for as long as the page lives, and keeps the address bar in step with it. */
import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { Exploration } from "./exploration.ts";
import type { Kinds } from "./schema.ts";
import { UrlTrail } from "./url-trail.ts";

export function useExploration(slug: string, kinds: Kinds): Exploration | null {
  const [exploration, setExploration] = useState<Exploration | null>(null);
  const location = useLocation();
  const navigate = useNavigate();
  const search = useRef(location.search);
  const trail = useRef<UrlTrail | null>(null);
  const go = useRef(navigate);
  useEffect(() => {
    go.current = navigate;
  }, [navigate]);

  useEffect(() => {
    const made = new Exploration(slug, kinds, search.current);
    const written = new UrlTrail({
      read: () => made.search(),
      write: (next, how) => {
        if (how === "quiet") window.history.replaceState(window.history.state, "", next);
        else void go.current(next, { replace: how === "replace", preventScrollReset: true });
      },
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    });
    made.onChange = (trace) => written.note(trace);
    const stop = made.session.store.subscribe((state, before) => {
      if (state.version !== before.version || state.picture?.key !== before.picture?.key)
        written.note("replace");
    });
    trail.current = written;
    setExploration(made);
    return () => {
      stop();
      written.dispose();
      made.dispose();
      setExploration(null);
    };
  }, [slug, kinds]);

  useEffect(() => {
    search.current = location.search;
    if (exploration && !trail.current?.wrote(location.search)) exploration.apply(location.search);
  }, [location.search, exploration]);

  return exploration;
}
