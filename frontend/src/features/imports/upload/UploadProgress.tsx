import { Button, Group, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { formatBytes, formatDuration } from "../../../ui/format.ts";
import type { Part } from "./set.ts";
import type { Sent } from "./useUpload.ts";

interface Props {
  name: string;
  sent: Sent | null;
  /** The files of a set. */
  parts: readonly Part[];
  paused: boolean;
  onPause: () => void;
  onResume: () => void;
  onCancel: () => void;
}

/** A speed is shown from this many milliseconds on. */
const SETTLED_MS = 2_000;

export function UploadProgress({ name, sent, parts, paused, onPause, onResume, onCancel }: Props) {
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
      {parts.length > 0 && <Parts parts={parts} />}
    </Paper>
  );
}

function Parts({ parts }: { parts: readonly Part[] }) {
  return (
    <Stack gap={4} mt="sm" mah={240} style={{ overflowY: "auto" }}>
      {parts.map(({ id, name, bytes, received }) => (
        <div key={id}>
          <Group justify="space-between" wrap="nowrap">
            <Text size="xs" truncate>
              {name}
            </Text>
            <Text size="xs" c="dimmed" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
              {formatBytes(received)} of {formatBytes(bytes)}
            </Text>
          </Group>
          <Progress.Root size="xs">
            <Progress.Section value={(received / bytes) * 100} aria-label={`Upload of ${name}`} />
          </Progress.Root>
        </div>
      ))}
    </Stack>
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
