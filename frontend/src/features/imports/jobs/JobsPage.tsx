import { Anchor, Badge, Button, Progress, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { EmptyState } from "../../../ui/EmptyState.tsx";
import { ErrorNotice } from "../../../ui/ErrorNotice.tsx";
import { Page } from "../../../ui/Page.tsx";
import { PageHeader } from "../../../ui/PageHeader.tsx";
import { RowsSkeleton } from "../../../ui/RowsSkeleton.tsx";
import { TableFrame } from "../../../ui/TableFrame.tsx";
import { wordsOfCode } from "../../../ui/error-words.ts";
import { formatAge, formatCount, formatDateTime, formatPercent } from "../../../ui/format.ts";
import { useTitle } from "../../../ui/useTitle.ts";
import { phaseWords, sourceWords, STATE_COLORS, STATES } from "./job-words.ts";
import { cancelJob, fractionDone, isLive, type Job, jobsQuery } from "./jobs.ts";

export function JobsPage() {
  useTitle("Jobs");
  return (
    <Page>
      <PageHeader title="Jobs">
        <Button component={Link} to="/datasets/new" variant="default">
          Upload
        </Button>
      </PageHeader>
      <JobList />
    </Page>
  );
}

function JobList() {
  const { data, error, refetch } = useQuery(jobsQuery());
  if (!data) return error ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <RowsSkeleton />;
  if (data.length === 0) {
    return (
      <EmptyState title="Nothing has been imported yet">
        Imports appear here while they run and after.
      </EmptyState>
    );
  }
  return (
    <>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      <TableFrame label="Jobs">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Dataset</Table.Th>
              <Table.Th>File</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Progress</Table.Th>
              <Table.Th>Started</Table.Th>
              <Table.Th>
                <span className="visually-hidden">Actions</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.map((job) => (
              <JobRow key={job.id} job={job} />
            ))}
          </Table.Tbody>
        </Table>
      </TableFrame>
    </>
  );
}

function JobRow({ job }: { job: Job }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={placeOf(job)} fw={500}>
          {job.title}
        </Anchor>
      </Table.Td>
      <Table.Td>
        <Text size="sm" maw={240} truncate title={sourceWords(job)}>
          {sourceWords(job)}
        </Text>
      </Table.Td>
      <Table.Td>
        <Badge variant="light" tt="none" color={STATE_COLORS[job.state]}>
          {STATES[job.state]}
        </Badge>
      </Table.Td>
      <Table.Td miw={220}>
        <Detail job={job} />
      </Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }} title={formatDateTime(job.created_at)}>
        {formatAge(job.created_at)}
      </Table.Td>
      <Table.Td className="numeric">{isLive(job) && <CancelButton job={job} />}</Table.Td>
    </Table.Tr>
  );
}

function placeOf({ id, kind, dataset }: Job): string {
  const order = kind === "index" && dataset ? { order: dataset } : {};
  return `/datasets/new?${new URLSearchParams({ job: id, ...order })}`;
}

function Detail({ job }: { job: Job }) {
  if (job.state === "failed")
    return <Text size="sm">{wordsOfCode(job.error?.code ?? "")?.title ?? job.error?.detail}</Text>;
  if (!isLive(job))
    return <Text size="sm">{job.state === "published" && `${formatCount(job.rows)} rows`}</Text>;
  const fraction = fractionDone(job);
  return (
    <>
      <Text size="xs" c="dimmed">
        {phaseWords(job)}
        {fraction === null ? "" : ` · ${formatPercent(fraction)}`}
        {job.rows > 0 && ` · ${formatCount(job.rows)} rows`}
      </Text>
      <Progress value={(fraction ?? 0) * 100} size="sm" mt={2} aria-label={`Progress of ${job.title}`} />
    </>
  );
}

function CancelButton({ job }: { job: Job }) {
  const client = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: () => cancelJob(job.id),
    onSettled: () => client.invalidateQueries({ queryKey: jobsQuery().queryKey }),
  });
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={isPending}
      disabled={job.cancelling}
      onClick={() => mutate()}
      aria-label={`Cancel the ${job.kind === "index" ? "ordering" : "import"} of ${job.title}`}
    >
      Cancel
    </Button>
  );
}
