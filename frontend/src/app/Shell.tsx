import { useEffect, useRef } from "react";
import { Link, Outlet, ScrollRestoration, useLocation, useMatches } from "react-router";
import { Mark } from "../ui/Mark.tsx";
import { AccountMenu } from "./AccountMenu.tsx";
import classes from "./Shell.module.css";

/** Pages that fill the window under the header and scroll by themselves set `full`. */
export interface RouteHandle {
  full?: boolean;
}

export function Shell() {
  const full = useMatches().some((match) => (match.handle as RouteHandle | undefined)?.full);
  const { pathname } = useLocation();
  const within = (section: RegExp) => (section.test(pathname) ? "page" : undefined);
  return (
    <div className={full ? `${classes.shell} ${classes.full}` : classes.shell}>
      <a className={classes.skip} href="#main">
        Skip to the content
      </a>
      <header className={classes.header}>
        <Link to="/datasets" className={classes.brand}>
          <Mark size={22} />
          <span className={classes.brandName}>Halftone</span>
        </Link>
        <nav className={classes.nav} aria-label="Main">
          <Link to="/datasets" className={classes.link} aria-current={within(/^\/(datasets|d)(\/|$)/)}>
            Datasets
          </Link>
          <Link to="/jobs" className={classes.link} aria-current={within(/^\/jobs(\/|$)/)}>
            Jobs
          </Link>
        </nav>
        <AccountMenu />
      </header>
      <Main />
      <ScrollRestoration />
    </div>
  );
}

/** Moves the focus into a new page, as a browser does with a new document. */
function Main() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <main id="main" className={classes.main} tabIndex={-1} ref={main}>
      <Outlet />
    </main>
  );
}
