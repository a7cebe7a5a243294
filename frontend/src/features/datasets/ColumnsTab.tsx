import { Badge, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { formatCount, formatPercent } from "../../ui/format.ts";
import { RowsSkeleton } from "../../ui/RowsSkeleton.tsx";
import { TableFrame } from "../../ui/TableFrame.tsx";
import type { Column, ColumnType } from "../../model/column.ts";
import { columnsQuery, type Dataset } from "./catalogue.ts";
import { formatEnd, formatTopCategories } from "./column-words.ts";

const COLORS: Record<ColumnType, string> = { number: "blue", time: "grape", category: "teal", text: "gray" };

export function ColumnsTab({ dataset }: { dataset: Dataset }) {
  const { data, error, refetch } = useQuery({
    ...columnsQuery(dataset.slug),
    enabled: dataset.version !== null,
  });
  if (!dataset.version)
    return <EmptyState title="No columns yet">They are known once the import is done.</EmptyState>;
  if (!data) return error ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <RowsSkeleton />;
  const { rows } = dataset.version;
  return (
    <TableFrame label="Columns">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Column</Table.Th>
            <Table.Th>Type</Table.Th>
            <Table.Th>Stored as</Table.Th>
            <Table.Th className="numeric">Missing</Table.Th>
            <Table.Th className="numeric">Distinct</Table.Th>
            <Table.Th className="numeric">Minimum</Table.Th>
            <Table.Th className="numeric">Maximum</Table.Th>
            <Table.Th>Most frequent</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.map((column) => (
            <ColumnRow key={column.name} column={column} rows={rows} />
          ))}
        </Table.Tbody>
      </Table>
    </TableFrame>
  );
}

function ColumnRow({ column, rows }: { column: Column; rows: number }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {column.name}
      </Table.Th>
      <Table.Td>
        <Badge variant="light" size="sm" tt="none" color={COLORS[column.type]}>
          {column.type}
        </Badge>
      </Table.Td>
      <Table.Td>
        <Text size="xs" ff="monospace" c="dimmed">
          {column.dtype}
        </Text>
      </Table.Td>
      <Table.Td className="numeric">
        {formatCount(column.nulls)}
        {column.nulls > 0 && rows > 0 && (
          <Text span size="xs" c="dimmed">
            {" "}
            {formatPercent(column.nulls / rows)}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="numeric">{column.distinct > 0 ? formatCount(column.distinct) : "–"}</Table.Td>
      <Table.Td className="numeric">{formatEnd(column, column.min)}</Table.Td>
      <Table.Td className="numeric">{formatEnd(column, column.max)}</Table.Td>
      <Table.Td>
        <Text size="xs" c="dimmed" lineClamp={1} maw={260}>
          {formatTopCategories(column)}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}
