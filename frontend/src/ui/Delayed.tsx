import { useEffect, useState, type ReactNode } from "react";

/** Shows nothing for the first 150 ms: what is quick needs no sign that it is going on. */
export function Delayed({ children, ms = 150 }: { children: ReactNode; ms?: number }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return due ? children : null;
}
