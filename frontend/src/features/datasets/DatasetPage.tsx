import { Badge, Button, Code, Group, Skeleton, Tabs, Text } from "@mantine/core";
import { IconChartDots3 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearchParams } from "react-router";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Page } from "../../ui/Page.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { Delayed } from "../../ui/Delayed.tsx";
import { useTitle } from "../../ui/useTitle.ts";
import { AccessTab } from "./AccessTab.tsx";
import { datasetQuery, type Dataset } from "./catalogue.ts";
import { ColumnsTab } from "./ColumnsTab.tsx";
import { DeleteButton } from "./DeleteButton.tsx";
import { OverviewTab } from "./OverviewTab.tsx";
import { UseItTab } from "./UseItTab.tsx";
import { VersionsTab } from "./VersionsTab.tsx";

const TABS = [
  { value: "overview", label: "Overview", Panel: OverviewTab },
  { value: "columns", label: "Columns", Panel: ColumnsTab },
  { value: "versions", label: "Versions", Panel: VersionsTab },
  { value: "access", label: "Access", Panel: AccessTab },
  { value: "use", label: "Use it", Panel: UseItTab },
] as const;

export function DatasetPage() {
  const { slug = "" } = useParams();
  const { data, error, refetch } = useQuery(datasetQuery(slug));
  useTitle(data?.title ?? slug);
  if (data) {
    return (
      <Page>
        <DatasetView key={data.id} dataset={data} />
      </Page>
    );
  }
  return (
    <Page>
      {error ? (
        <>
          <PageHeader title={slug} />
          <ErrorNotice error={error} onRetry={() => void refetch()} />
        </>
      ) : (
        <Delayed>
          <Skeleton height={28} width={260} mb="md" role="status" aria-label="Loading" />
          <Skeleton height={220} />
        </Delayed>
      )}
    </Page>
  );
}

function DatasetView({ dataset }: { dataset: Dataset }) {
  const [params, setParams] = useSearchParams();
  const wanted = params.get("tab");
  const tab = TABS.find(({ value }) => value === wanted)?.value ?? "overview";
  return (
    <>
      <PageHeader title={dataset.title} below={<Subtitle dataset={dataset} />}>
        {dataset.role === "owner" && <DeleteButton dataset={dataset} />}
        {dataset.version && (
          <Button
            component={Link}
            to={`/d/${dataset.slug}/explore`}
            leftSection={<IconChartDots3 size={16} />}
          >
            Explore
          </Button>
        )}
      </PageHeader>
      <Tabs
        value={tab}
        onChange={(value) =>
          setParams(value && value !== "overview" ? { tab: value } : {}, { replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {TABS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ value, Panel }) => (
          <Tabs.Panel key={value} value={value}>
            <Panel dataset={dataset} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

function Subtitle({ dataset }: { dataset: Dataset }) {
  return (
    <>
      <Group gap="xs" mt={2}>
        <Code>{dataset.slug}</Code>
        <Badge variant="light" size="sm" tt="none">
          {dataset.role}
        </Badge>
      </Group>
      {dataset.description && (
        <Text c="dimmed" mt={6} maw={720}>
          {dataset.description}
        </Text>
      )}
    </>
  );
}
