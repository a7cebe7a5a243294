import { Button, Group, Paper, Progress, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { formatBytes, formatDuration } from "../../../ui/format.ts";
import type { Sent } from "./useUpload.ts";

interface Props {
  name: string;
  sent: Sent | null;
  paused: boolean;
  onPause: () => void;
  onResume: () => void;
  onCancel: () => void;
  children?: ReactNode;
}

/** A speed is shown from this many milliseconds on. */
const SETTLED_MS = 2_000;

export function UploadProgress({ name, sent, paused, onPause, onResume, onCancel, children }: Props) {
  const done = sent !== null && sent.bytes >= sent.total;
  return (
    <Paper withBorder p="md" maw={640}>
      <Group justify="space-between" mb="xs" wrap="nowrap">
        <Title order={2}>{titleOf(paused, done)}</Title>
        <Group gap="xs" wrap="nowrap">
          <Button variant="default" size="xs" onClick={paused ? onResume : onPause}>
            {paused ? "Resume" : "Pause"}
          </Button>
          <Button variant="default" size="xs" onClick={onCancel}>
            Cancel upload
          </Button>
        </Group>
      </Group>
      <Text c="dimmed" size="sm" mb="xs" truncate>
        {name}
      </Text>
      <Progress.Root size="lg">
        <Progress.Section
          value={sent && sent.total > 0 ? (sent.bytes / sent.total) * 100 : 0}
          aria-label="Upload progress"
        />
      </Progress.Root>
      <Text size="sm" mt="xs" style={{ fontVariantNumeric: "tabular-nums" }}>
        {sent && uploadFigures(sent)}
      </Text>
      {children}
    </Paper>
  );
}

function titleOf(paused: boolean, done: boolean): string {
  if (paused) return "Upload paused";
  return done ? "Finishing the upload" : "Uploading";
}

export function uploadFigures({ bytes, total, before, startedAt, at }: Sent): string {
  const parts = [`${formatBytes(bytes)} of ${formatBytes(total)}`];
  const elapsed = at - startedAt;
  if (elapsed >= SETTLED_MS && bytes > before) {
    const perSecond = ((bytes - before) * 1000) / elapsed;
    parts.push(`${formatBytes(perSecond)}/s`, `about ${formatDuration((total - bytes) / perSecond)} left`);
  }
  return parts.join(" · ");
}
