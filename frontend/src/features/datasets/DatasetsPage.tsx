import { Button, CloseButton, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch, IconUpload } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Page } from "../../ui/Page.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { RowsSkeleton } from "../../ui/RowsSkeleton.tsx";
import { useTitle } from "../../ui/useTitle.ts";
import { datasetsQuery } from "./catalogue.ts";
import { DatasetTable } from "./DatasetTable.tsx";

export function DatasetsPage() {
  useTitle("Datasets");
  const [params, setParams] = useSearchParams();
  const [typed, setTyped] = useState(params.get("q") ?? "");
  const search = (params.get("q") ?? "").trim();
  const type = (text: string) => {
    setTyped(text);
    setParams(text.trim() ? { q: text.trim() } : {}, { replace: true });
  };
  return (
    <Page>
      <PageHeader title="Datasets">
        <TextInput
          aria-label="Search datasets"
          placeholder="Search"
          w={240}
          value={typed}
          onChange={(event) => type(event.currentTarget.value)}
          leftSection={<IconSearch size={16} />}
          rightSection={
            typed && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />
          }
        />
        <UploadLink />
      </PageHeader>
      <DatasetList search={search} />
    </Page>
  );
}

function DatasetList({ search }: { search: string }) {
  const [settled] = useDebouncedValue(search, 200);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...datasetsQuery(settled),
    placeholderData: keepPreviousData,
  });
  if (!data) return error ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <RowsSkeleton />;
  const datasets = data.pages.flatMap((page) => page.results);
  if (datasets.length === 0) return <NoDatasets search={settled} />;
  return (
    <>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      <DatasetTable datasets={datasets} />
      {hasNextPage && (
        <Button mt="sm" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

function NoDatasets({ search }: { search: string }) {
  if (search) {
    return <EmptyState title="No dataset matches">Nothing that you may see is called “{search}”.</EmptyState>;
  }
  return (
    <EmptyState title="No datasets yet" action={<UploadLink />}>
      Upload a file that holds a table. It is imported once, then every row of it can be drawn.
    </EmptyState>
  );
}

function UploadLink() {
  return (
    <Button component={Link} to="/datasets/new" leftSection={<IconUpload size={16} />}>
      Upload
    </Button>
  );
}
