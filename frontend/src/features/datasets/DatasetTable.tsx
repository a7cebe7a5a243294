import { Anchor, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import { formatAge, formatBytes, formatCount, formatDateTime } from "../../ui/format.ts";
import { TableFrame } from "../../ui/TableFrame.tsx";
import type { Dataset } from "./catalogue.ts";

export function DatasetTable({ datasets }: { datasets: Dataset[] }) {
  return (
    <TableFrame label="Datasets">
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th className="numeric">Rows</Table.Th>
            <Table.Th className="numeric">Size</Table.Th>
            <Table.Th>Updated</Table.Th>
            <Table.Th>
              <span className="visually-hidden">Actions</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {datasets.map((dataset) => (
            <DatasetRow key={dataset.id} dataset={dataset} />
          ))}
        </Table.Tbody>
      </Table>
    </TableFrame>
  );
}

function DatasetRow({ dataset }: { dataset: Dataset }) {
  const { version } = dataset;
  return (
    <Table.Tr>
      <Table.Td miw={160}>
        <Anchor component={Link} to={`/d/${dataset.slug}`} fw={500}>
          {dataset.title}
        </Anchor>
        <Text size="xs" c="dimmed" lineClamp={1}>
          {dataset.description || dataset.slug}
        </Text>
      </Table.Td>
      <Table.Td className="numeric">{version ? formatCount(version.rows) : "–"}</Table.Td>
      <Table.Td className="numeric">{version ? formatBytes(version.bytes) : "–"}</Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }} title={formatDateTime(dataset.updated_at)}>
        {formatAge(dataset.updated_at)}
      </Table.Td>
      <Table.Td className="numeric">
        {version ? (
          <Anchor component={Link} to={`/d/${dataset.slug}/explore`} aria-label={`Explore ${dataset.title}`}>
            Explore
          </Anchor>
        ) : (
          <Text size="sm" c="dimmed">
            No data yet
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
