import { Badge, Button, Code, Table } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { formatBytes, formatCount, formatDateTime } from "../../ui/format.ts";
import { RowsSkeleton } from "../../ui/RowsSkeleton.tsx";
import { TableFrame } from "../../ui/TableFrame.tsx";
import { versionsQuery, type Dataset, type Version } from "./catalogue.ts";

export function VersionsTab({ dataset }: { dataset: Dataset }) {
  const { data, error, refetch } = useQuery(versionsQuery(dataset.slug));
  if (!data)
    return error ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <RowsSkeleton rows={3} />;
  if (data.length === 0) {
    return (
      <EmptyState
        title="No versions yet"
        action={dataset.role !== "viewer" && <ImportLink slug={dataset.slug} />}
      >
        The first one is published when its import ends.
      </EmptyState>
    );
  }
  return (
    <>
      {dataset.role !== "viewer" && <ImportLink slug={dataset.slug} />}
      <VersionTable versions={data} newest={dataset.version?.version_id} />
    </>
  );
}

function ImportLink({ slug }: { slug: string }) {
  return (
    <Button
      component={Link}
      to={`/datasets/new?dataset=${slug}`}
      variant="default"
      mb="md"
      leftSection={<IconUpload size={16} />}
    >
      Import a new version
    </Button>
  );
}

function VersionTable({ versions, newest }: { versions: Version[]; newest: string | undefined }) {
  return (
    <TableFrame label="Versions">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Version</Table.Th>
            <Table.Th>Published</Table.Th>
            <Table.Th className="numeric">Rows</Table.Th>
            <Table.Th className="numeric">Size</Table.Th>
            <Table.Th>Id</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {versions.map((version) => (
            <Table.Tr key={version.version_id}>
              <Table.Td>
                {version.number}{" "}
                {version.version_id === newest && (
                  <Badge size="sm" variant="light" tt="none">
                    newest
                  </Badge>
                )}
              </Table.Td>
              <Table.Td>{formatDateTime(version.published_at)}</Table.Td>
              <Table.Td className="numeric">{formatCount(version.rows)}</Table.Td>
              <Table.Td className="numeric">{formatBytes(version.bytes)}</Table.Td>
              <Table.Td>
                <Code>{version.version_id}</Code>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableFrame>
  );
}
