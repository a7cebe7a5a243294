/** Full-jitter back-off: a random wait below a bound that doubles, so that many clients do not return at once. */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Milliseconds before try number `attempt` (0 is the first try again). `random` gives [0, 1). */
export function backoff(attempt: number, random: () => number): number {
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
}
