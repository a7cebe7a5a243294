import { Button, Group, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ErrorNotice } from "../../../ui/ErrorNotice.tsx";
import { RowsSkeleton } from "../../../ui/RowsSkeleton.tsx";
import { formatBytes, formatCount, formatDuration } from "../../../ui/format.ts";
import { JobOutcome } from "./JobOutcome.tsx";
import { phaseWords, sourceWords } from "./job-words.ts";
import { cancelJob, fractionDone, isLive, type Job, jobQuery } from "./jobs.ts";

/** One job, followed until it ends. */
export function JobProgress({ id }: { id: string }) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(jobQuery(id));
  const { state, dataset: slug } = data ?? {};
  useEffect(() => {
    if (state !== "published") return;
    for (const queryKey of [["datasets"], ["dataset", slug]]) void client.invalidateQueries({ queryKey });
  }, [client, state, slug]);
  if (!data) {
    return error ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <RowsSkeleton rows={3} />;
  }
  return (
    <Stack maw={720}>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      <p className="visually-hidden" role="status">
        {phaseWords(data)}
      </p>
      {isLive(data) ? <Running job={data} /> : <JobOutcome job={data} />}
    </Stack>
  );
}

function Running({ job }: { job: Job }) {
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => cancelJob(job.id),
    onSettled: () => client.invalidateQueries({ queryKey: jobQuery(job.id).queryKey }),
  });
  const fraction = fractionDone(job);
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="xs" wrap="nowrap">
        <Title order={2}>{phaseWords(job)}</Title>
        <Button
          variant="default"
          size="xs"
          loading={isPending}
          disabled={job.cancelling}
          onClick={() => mutate()}
        >
          {job.kind === "index" ? "Cancel" : "Cancel import"}
        </Button>
      </Group>
      <Text c="dimmed" size="sm" mb="xs">
        {sourceWords(job)} → {job.title}
      </Text>
      <Progress.Root size="lg">
        <Progress.Section
          value={(fraction ?? 1) * 100}
          striped={fraction === null}
          animated={fraction === null}
          aria-label={job.kind === "index" ? "Progress" : "Import progress"}
        />
      </Progress.Root>
      <Figures job={job} />
      {error && <ErrorNotice error={error} />}
      <Text c="dimmed" size="sm" mt="sm">
        You can leave this page: the {job.kind === "index" ? "work" : "import"} continues and is listed under
        Jobs.
      </Text>
    </Paper>
  );
}

function Figures({ job }: { job: Job }) {
  const total = job.rows_total ? ` of ${formatCount(job.rows_total)}` : "";
  const parts = [
    ...(job.rows > 0 ? [`${formatCount(job.rows)}${total} rows`] : []),
    ...(job.bytes_total > 0 ? [`${formatBytes(job.bytes)} of ${formatBytes(job.bytes_total)}`] : []),
    ...(job.rows_per_second ? [`${formatCount(job.rows_per_second)} rows/s`] : []),
    ...(job.eta_seconds ? [`about ${formatDuration(job.eta_seconds)} left`] : []),
  ];
  return (
    <Text size="sm" mt="xs" style={{ fontVariantNumeric: "tabular-nums" }}>
      {parts.join(" · ")}
    </Text>
  );
}
