import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import classes from "./CodeBlock.module.css";

export function CodeBlock({ code, label }: { code: string; label: string }) {
  const clipboard = useClipboard({ timeout: 2_000 });
  return (
    <div className={classes.block}>
      <Button
        className={classes.copy ?? ""}
        size="compact-sm"
        variant="default"
        leftSection={clipboard.copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
        onClick={() => clipboard.copy(code)}
        aria-label={`Copy the ${label} example`}
      >
        {clipboard.copied ? "Copied" : "Copy"}
      </Button>
      {/* Scrolls sideways, so the keyboard must reach it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={classes.code} tabIndex={0} aria-label={`${label} example`} role="region">
        {code}
      </pre>
    </div>
  );
}
