import { useEffect, useState } from "react";

/** Whole seconds left until `until`, 0 once it has passed. Both in epoch ms; `from` is when the wait began. */
export function useCountdown(from: number, until: number): number {
  const [now, setNow] = useState(from);
  const left = Math.max(0, Math.ceil((until - Math.max(now, from)) / 1000));
  const waiting = left > 0;
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [waiting]);
  return left;
}
