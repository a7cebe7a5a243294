import { Badge, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Column, ColumnType } from "../../model/column.ts";
import type { Unreadable } from "../../model/reading.ts";
import { CellSamples } from "../../ui/CellSamples.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { formatCount, formatPercent } from "../../ui/format.ts";
import { RowsSkeleton } from "../../ui/RowsSkeleton.tsx";
import { TableFrame } from "../../ui/TableFrame.tsx";
import { columnsQuery, type Dataset, type Unreadables, unreadableQuery } from "./catalogue.ts";
import { formatDistinct, formatEnd, formatTopCategories, formatTypical } from "./column-words.ts";

const COLORS: Record<ColumnType, string> = { number: "blue", time: "grape", category: "teal", text: "gray" };

interface Facet {
  title: string;
  /** Shown only where a column has some of it. */
  count?: (column: Column) => number;
  numeric?: boolean;
  cell: (column: Column, rows: number, unreadable: Unreadable | undefined) => ReactNode;
}

const FACETS: readonly Facet[] = [
  { title: "Type", cell: ({ type }) => <TypeBadge type={type} /> },
  { title: "Unit", count: ({ unit }) => unit.length, cell: ({ unit }) => unit },
  { title: "Stored as", cell: ({ dtype }) => <Quiet mono>{dtype}</Quiet> },
  { title: "Missing", numeric: true, cell: ({ nulls }, rows) => <Share count={nulls} rows={rows} /> },
  {
    title: "Not readable",
    count: ({ unreadable }) => unreadable,
    cell: ({ name, unreadable }, _rows, cells) => <Cells name={name} count={unreadable} cells={cells} />,
  },
  {
    title: "Infinite",
    count: ({ infinite }) => infinite,
    numeric: true,
    cell: ({ infinite }) => formatCount(infinite),
  },
  {
    title: "Outside years 1 to 9999",
    count: ({ outOfRange }) => outOfRange,
    numeric: true,
    cell: ({ outOfRange }) => formatCount(outOfRange),
  },
  { title: "Different values", numeric: true, cell: formatDistinct },
  { title: "Minimum", numeric: true, cell: (column) => formatEnd(column, column.min) },
  { title: "Maximum", numeric: true, cell: (column) => formatEnd(column, column.max) },
  { title: "99 % lie in", numeric: true, cell: formatTypical },
  { title: "Most frequent", cell: (column) => <Quiet>{formatTopCategories(column)}</Quiet> },
];

export function ColumnsTab({ dataset }: { dataset: Dataset }) {
  const { slug, version } = dataset;
  const enabled = version !== null;
  const { data, error, refetch } = useQuery({ ...columnsQuery(slug), enabled });
  const unreadable = useQuery({ ...unreadableQuery(slug), enabled }).data ?? {};
  if (!version)
    return <EmptyState title="No columns yet">They are known once the import is done.</EmptyState>;
  if (!data) return error ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <RowsSkeleton />;
  const facets = FACETS.filter(({ count }) => !count || data.some((column) => count(column) > 0));
  return (
    <>
      <TableFrame label="Columns">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Column</Table.Th>
              {facets.map(({ title, numeric }) => (
                <Table.Th key={title} className={numeric ? "numeric" : ""}>
                  {title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.map((column) => (
              <Table.Tr key={column.name}>
                <Table.Th scope="row" fw={500}>
                  {column.name}
                </Table.Th>
                {facets.map(({ title, numeric, cell }) => (
                  <Table.Td key={title} className={numeric ? "numeric" : ""}>
                    {cell(column, version.rows, cellsOf(unreadable, column.name))}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableFrame>
      <Estimates columns={data} />
    </>
  );
}

function cellsOf(unreadable: Unreadables, name: string): Unreadable | undefined {
  return Object.hasOwn(unreadable, name) ? unreadable[name] : undefined;
}

/** What of the table is estimated, and what occurs nowhere. */
function Estimates({ columns }: { columns: Column[] }) {
  const plain = columns.every(
    ({ unreadable, infinite, outOfRange }) => unreadable + infinite + outOfRange === 0,
  );
  return (
    <Text size="xs" c="dimmed" mt="xs" maw={720}>
      {plain && "Every cell was read; no value is infinite or outside the years 1 to 9999. "}
      Numbers with “about” are estimates (within 1.6 %, two times out of three), and so are the ends between
      which 99 % of the values lie. All other numbers are exact.
    </Text>
  );
}

function TypeBadge({ type }: { type: ColumnType }) {
  return (
    <Badge variant="light" size="sm" tt="none" color={COLORS[type]}>
      {type}
    </Badge>
  );
}

function Quiet({ children, mono = false }: { children: ReactNode; mono?: boolean }) {
  return (
    <Text size="xs" c="dimmed" lineClamp={1} maw={260} {...(mono && { ff: "monospace" })}>
      {children}
    </Text>
  );
}

function Share({ count, rows }: { count: number; rows: number }) {
  return (
    <>
      {formatCount(count)}
      {count > 0 && rows > 0 && (
        <Text span size="xs" c="dimmed">
          {" "}
          {formatPercent(count / rows)}
        </Text>
      )}
    </>
  );
}

/** How many cells did not fit; the first of them on demand. */
function Cells({ name, count, cells }: { name: string; count: number; cells: Unreadable | undefined }) {
  if (count === 0 || !cells) return formatCount(count);
  return (
    <details>
      <summary>{formatCount(count)}</summary>
      <CellSamples name={name} count={cells.count} cells={cells.cells} />
    </details>
  );
}
