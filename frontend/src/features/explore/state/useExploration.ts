/** Makes an exploration for as long as the page lives, and keeps the address bar in step with it. */
import { useEffect, useRef, useState } from "react";
import { NavigationType, useLocation, useNavigate, useNavigationType } from "react-router";
import { after } from "../../../net/after.ts";
import { UrlTrail, type Write } from "../url/url-trail.ts";
import { Exploration } from "./exploration.ts";
import type { Kinds } from "./schema.ts";

export function useExploration(slug: string, kinds: Kinds): Exploration | null {
  const [open, setOpen] = useState<{ made: Exploration; trail: UrlTrail } | null>(null);
  const location = useLocation();
  const popped = useNavigationType() === NavigationType.Pop;
  const navigate = useNavigate();
  const applied = useRef(location);
  const go = useRef(navigate);
  useEffect(() => {
    go.current = navigate;
  }, [navigate]);

  useEffect(() => {
    const { search } = applied.current;
    const made = new Exploration(slug, kinds, search);
    const write = (next: string, how: Write) => {
      if (how === "quiet") window.history.replaceState(window.history.state, "", next);
      else void go.current(next, { replace: how === "replace", preventScrollReset: true });
    };
    const trail = new UrlTrail({ read: () => made.search(), write, after }, search);
    made.onChange = (step) => trail.note(step);
    const stop = made.session.store.subscribe((state, before) => {
      if (state.version !== before.version || state.picture?.key !== before.picture?.key)
        trail.note("replace");
    });
    setOpen({ made, trail });
    return () => {
      stop();
      trail.dispose();
      made.dispose();
      setOpen(null);
    };
  }, [slug, kinds]);

  useEffect(() => {
    if (!open || applied.current === location) return;
    applied.current = location;
    if (!open.trail.isOwn(location.search, popped)) open.made.apply(location.search);
  }, [open, location, popped]);

  return open?.made ?? null;
}
