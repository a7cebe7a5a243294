/** Numbers, sizes and times as people read them, in the page's language. */
const LANGUAGE = "en";
const whole = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: 6 });
const one = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(LANGUAGE, { style: "percent", maximumFractionDigits: 0 });
const dateTime = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"];
const AGES = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

export function formatCount(value: number): string {
  return whole.format(value);
}

export function formatNumber(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e15 || size < 1e-4) ? value.toExponential(4) : short.format(value);
}

export function formatPercent(fraction: number): string {
  return percent.format(fraction);
}

/** Decimal units, as disks and networks are sold. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${one.format(value)} ${BYTE_UNITS[unit]}`;
}

export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  if (total < 3_600) return `${Math.floor(total / 60)} min ${total % 60} s`;
  return `${Math.floor(total / 3_600)} h ${Math.floor((total % 3_600) / 60)} min`;
}

export function formatDateTime(iso: string): string {
  return dateTime.format(new Date(iso));
}

/** "3 hours ago" for the last week, the date before that. */
export function formatAge(iso: string, now = Date.now()): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (seconds < 60) return "just now";
  if (seconds >= 7 * 86_400) return formatDateTime(iso);
  for (const [unit, size] of AGES) {
    if (seconds >= size) return relative.format(-Math.floor(seconds / size), unit);
  }
  return "just now";
}
