/** The one session of this tab. */
import { type AuthEnvironment, AuthSession } from "./auth-session.ts";

function browserEnvironment(): AuthEnvironment {
  // Absent on plain http; the sign-in page warns of it.
  const locks = navigator.locks as LockManager | undefined | null;
  return {
    fetch: (input, init) => globalThis.fetch(input, init),
    exclusively: (work) => (locks ? locks.request("halftone-refresh", work) : Promise.resolve(work())),
    channel: new BroadcastChannel("halftone-auth"),
    hint: lenientStorage(),
    now: () => Date.now(),
  };
}

/** A browser that blocks storage forgets the hint: people sign in again after a reload. */
function lenientStorage(): AuthEnvironment["hint"] {
  try {
    return globalThis.localStorage;
  } catch {
    return { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  }
}

export const auth = new AuthSession(browserEnvironment());
/** A token that is good for at least 30 s more. Rejects with an ApiError when signed out. */
export const getAccessToken = auth.getAccessToken;
/** Calls back with each new token, and with null at sign-out. Returns a function that stops it. */
export const onTokenChange = auth.onTokenChange;
