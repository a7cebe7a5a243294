import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconChartDots3, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { Link } from "react-router";
import { furtherDetail, wordsOfCode } from "../../../ui/error-words.ts";
import { formatCount, formatDuration } from "../../../ui/format.ts";
import { type Job, tookSeconds } from "./jobs.ts";

/** How an import ended, and what comes next. */
export function JobOutcome({ job }: { job: Job }) {
  if (job.state === "published") return <Published job={job} />;
  if (job.state === "failed") return <Failed job={job} />;
  return (
    <Alert color="gray" variant="light" icon={<IconCircleX />} title="The import was cancelled">
      <Text size="sm">Nothing was stored.</Text>
      <Again dataset={job.dataset} />
    </Alert>
  );
}

function Published({ job }: { job: Job }) {
  const seconds = tookSeconds(job);
  return (
    <Alert color="teal" variant="light" icon={<IconCircleCheck />} title={`${job.dataset} is ready`}>
      <Text size="sm">
        {formatCount(job.rows)} rows were imported{seconds === null ? "" : ` in ${formatDuration(seconds)}`}.
      </Text>
      {job.skipped.length > 0 && <Skipped columns={job.skipped} />}
      <Group gap="xs" mt="sm">
        <Button
          component={Link}
          to={`/d/${job.dataset}/explore`}
          size="xs"
          leftSection={<IconChartDots3 size={14} />}
        >
          Explore
        </Button>
        <Button component={Link} to={`/d/${job.dataset}`} size="xs" variant="default">
          Open the dataset
        </Button>
      </Group>
    </Alert>
  );
}

function Skipped({ columns }: { columns: Job["skipped"] }) {
  const named = columns.map(({ name, dtype }) => `${name} (${dtype})`).join(", ");
  return (
    <Text size="sm" lineClamp={4}>
      {columns.length === 1 ? "One column was" : `${formatCount(columns.length)} columns were`} left out,
      because Halftone does not hold their type: {named}.
    </Text>
  );
}

function Failed({ job }: { job: Job }) {
  const words = wordsOfCode(job.error?.code ?? "internal");
  const title = words?.title ?? "The import failed";
  const detail = furtherDetail(title, job.error?.detail ?? "");
  const where = job.error?.field ? ` (${job.error.field})` : "";
  return (
    <Alert role="alert" color="red" variant="light" icon={<IconAlertTriangle />} title={title}>
      {detail && (
        <Text size="sm">
          {detail}
          {where}
        </Text>
      )}
      <Text size="sm">{words?.advice ?? "Check the file and upload it again."}</Text>
      <Again dataset={job.dataset} />
    </Alert>
  );
}

function Again({ dataset }: { dataset: string }) {
  return (
    <Button component={Link} to={`/datasets/new?dataset=${dataset}`} size="xs" variant="default" mt="sm">
      Upload another file
    </Button>
  );
}
