import { Paper, ScrollArea } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  children: ReactNode;
  label: string;
  /** Pixels; a longer table scrolls. */
  maxHeight?: number;
}

/** A bordered table that scrolls sideways by itself on a narrow screen. */
export function TableFrame({ children, label, maxHeight }: Props) {
  return (
    <Paper withBorder>
      <ScrollArea.Autosize
        type="auto"
        {...(maxHeight !== undefined && { mah: maxHeight })}
        viewportProps={{ tabIndex: 0, role: "region", "aria-label": label }}
      >
        {children}
      </ScrollArea.Autosize>
    </Paper>
  );
}
