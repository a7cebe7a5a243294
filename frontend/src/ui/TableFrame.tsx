import { Paper, ScrollArea } from "@mantine/core";
import type { ReactNode } from "react";

/** A bordered table that scrolls sideways by itself on a narrow screen. */
export function TableFrame({ children, label }: { children: ReactNode; label: string }) {
  return (
    <Paper withBorder>
      <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": label }}>
        {children}
      </ScrollArea>
    </Paper>
  );
}
