import { Skeleton, Stack } from "@mantine/core";
import { Delayed } from "./Delayed.tsx";

/** Stands for a table that is being loaded. */
export function RowsSkeleton({ rows = 6 }: { rows?: number }) {
  return (
    <Delayed>
      <Stack gap={10} role="status" aria-label="Loading">
        {Array.from({ length: rows }, (_, row) => (
          <Skeleton key={row} height={26} />
        ))}
      </Stack>
    </Delayed>
  );
}
