const DOTS = [
  [7, 7, 5.2],
  [18, 7, 4],
  [27, 7, 2.4],
  [7, 18, 4],
  [18, 18, 2.8],
  [27, 18, 1.6],
  [7, 27, 2.4],
  [18, 27, 1.6],
  [27, 27, 0.9],
] as const;

/** The product's mark: a halftone screen that fades out. */
export function Mark({ size }: { size: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 32 32"
      fill="var(--mantine-primary-color-filled)"
      aria-hidden
    >
      {DOTS.map(([cx, cy, r]) => (
        <circle key={`${cx}-${cy}`} cx={cx} cy={cy} r={r} />
      ))}
    </svg>
  );
}
