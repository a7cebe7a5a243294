const HOME = "/datasets";

/** Path to open after signing in; never on another site. */
export function nextPath(search: string): string {
  const wanted = new URLSearchParams(search).get("next") ?? HOME;
  const base = "http://here.invalid";
  if (!wanted.startsWith("/") || !URL.canParse(wanted, base)) return HOME;
  const url = new URL(wanted, base);
  return url.origin === base && url.pathname !== "/login" ? `${url.pathname}${url.search}${url.hash}` : HOME;
}
