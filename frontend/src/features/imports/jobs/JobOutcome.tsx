import { Alert, Button, Group, List, Text } from "@mantine/core";
import { IconAlertTriangle, IconChartDots3, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { Link } from "react-router";
import { CellSamples } from "../../../ui/CellSamples.tsx";
import { furtherDetail, wordsOfCode } from "../../../ui/error-words.ts";
import { formatCount, formatDuration } from "../../../ui/format.ts";
import { type Job, tookSeconds } from "./jobs.ts";

/** How an import ended, and what comes next. */
export function JobOutcome({ job }: { job: Job }) {
  if (job.kind === "index" && job.state !== "failed") return <Ordered job={job} />;
  if (job.state === "published") return <Published job={job} />;
  if (job.state === "failed") return <Failed job={job} />;
  return (
    <Alert color="gray" variant="light" icon={<IconCircleX />} title="The import was cancelled">
      <Text size="sm">Nothing was stored. The uploaded file is still there.</Text>
      {job.upload !== null && <Again upload={job.upload} job={job} />}
    </Alert>
  );
}

/** How the order of rows ended, when nothing was wrong. */
function Ordered({ job }: { job: Job }) {
  const isDone = job.state === "published";
  const seconds = tookSeconds(job);
  const took = seconds === null ? "" : ` in ${formatDuration(seconds)}`;
  return (
    <Alert
      color={isDone ? "teal" : "gray"}
      variant="light"
      icon={isDone ? <IconCircleCheck /> : <IconCircleX />}
      title={isDone ? "The rows are ordered" : "The ordering was cancelled"}
    >
      <Text size="sm">
        {isDone
          ? `${formatCount(job.rows)} rows were ordered by ${job.pair?.x} and ${job.pair?.y}${took}.`
          : "The dataset is as it was."}
      </Text>
      <BackToDataset job={job} />
    </Alert>
  );
}

function BackToDataset({ job }: { job: Job }) {
  return (
    <Group gap="xs" mt="sm">
      <Button component={Link} to={`/d/${job.dataset}`} size="xs" variant="default">
        Choose other axes
      </Button>
    </Group>
  );
}

function Published({ job }: { job: Job }) {
  const seconds = tookSeconds(job);
  return (
    <Alert color="teal" variant="light" icon={<IconCircleCheck />} title={`${job.title} is ready`}>
      <Text size="sm">
        {formatCount(job.rows)} rows were imported{seconds === null ? "" : ` in ${formatDuration(seconds)}`}.
      </Text>
      {job.skipped.length > 0 && <Skipped columns={job.skipped} />}
      <ReadingNotes job={job} />
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

/** What the import had to say about the file. */
function ReadingNotes({ job: { unreadable, warnings } }: { job: Job }) {
  const faulty = Object.entries(unreadable).filter(([, { count }]) => count > 0);
  return (
    <>
      {faulty.length > 0 && (
        <Text size="sm" mt="xs">
          Some cells could not be read. They are missing, and counted:
        </Text>
      )}
      {faulty.map(([name, { count, cells }]) => (
        <CellSamples key={name} name={name} count={count} cells={cells} />
      ))}
      {warnings.length > 0 && (
        <List size="sm" mt="xs">
          {warnings.map(({ text }) => (
            <List.Item key={text}>{text}</List.Item>
          ))}
        </List>
      )}
    </>
  );
}

function Failed({ job }: { job: Job }) {
  const words = wordsOfCode(job.error?.code ?? "internal");
  const title =
    words?.title ?? (job.kind === "index" ? "The rows could not be ordered" : "The import failed");
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
      {job.upload === null ? (
        <>
          <Text size="sm">The dataset is as it was.</Text>
          <BackToDataset job={job} />
        </>
      ) : (
        <>
          <Text size="sm">{words?.advice ?? "Check the file and upload it again."}</Text>
          {job.dataset === null && (
            <Text size="sm">No dataset was made. The uploaded file is still there.</Text>
          )}
          <Again upload={job.upload} job={job} />
        </>
      )}
    </Alert>
  );
}

/** The upload stays, so that it can be read in another way without being sent again. */
function Again({ upload, job: { dataset, title } }: { upload: string; job: Job }) {
  const target = dataset === null ? { title } : { dataset };
  return (
    <Group gap="xs" mt="sm">
      <Button
        component={Link}
        to={`/datasets/new?${new URLSearchParams({ upload, ...target })}`}
        size="xs"
        variant="default"
      >
        Try again with other settings
      </Button>
      <Button
        component={Link}
        to={dataset === null ? "/datasets/new" : `/datasets/new?${new URLSearchParams({ dataset })}`}
        size="xs"
        variant="default"
      >
        Upload another file
      </Button>
    </Group>
  );
}
