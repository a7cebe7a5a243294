import { Badge, Button, Code, Table } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Link } from "react-router";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { formatBytes, formatCount, formatDateTime } from "../../ui/format.ts";
import { RowsSkeleton } from "../../ui/RowsSkeleton.tsx";
import { TableFrame } from "../../ui/TableFrame.tsx";
import { versionsQuery, type Dataset, type Version } from "./catalogue.ts";
import { VersionReading } from "./VersionReading.tsx";

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
      <VersionTable slug={dataset.slug} versions={data} newest={dataset.version?.version_id} />
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

function VersionTable({ slug, versions, newest }: TableProps) {
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
            <Table.Th>
              <span className="visually-hidden">Reading</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {versions.map((version) => (
            <VersionRow
              key={version.version_id}
              slug={slug}
              version={version}
              isNewest={version.version_id === newest}
            />
          ))}
        </Table.Tbody>
      </Table>
    </TableFrame>
  );
}

interface TableProps {
  slug: string;
  versions: Version[];
  newest: string | undefined;
}

function VersionRow({ slug, version, isNewest }: { slug: string; version: Version; isNewest: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <Table.Tr>
        <Table.Td>
          {version.number}{" "}
          {isNewest && (
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
        <Table.Td>
          <Button
            size="compact-sm"
            variant="default"
            aria-expanded={isOpen}
            aria-controls={id}
            aria-label={`How version ${version.number} was read`}
            onClick={() => setOpen(!isOpen)}
          >
            How it was read
          </Button>
        </Table.Td>
      </Table.Tr>
      <Table.Tr id={id} hidden={!isOpen}>
        {isOpen && (
          <Table.Td colSpan={6}>
            <VersionReading slug={slug} id={version.version_id} />
          </Table.Td>
        )}
      </Table.Tr>
    </>
  );
}
