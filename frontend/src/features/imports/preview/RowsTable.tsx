import { Table, Text } from "@mantine/core";
import { memo } from "react";
import { formatCount } from "../../../ui/format.ts";
import { TableFrame } from "../../../ui/TableFrame.tsx";
import type { Preview } from "./preview.ts";
import classes from "./preview.module.css";

/** More than a screen can show; the rest is in the list of columns. */
const SHOWN_COLUMNS = 60;

/** The first rows as they will be. */
export const RowsTable = memo(function RowsTable({ preview }: { preview: Preview }) {
  const columns = preview.columns.slice(0, SHOWN_COLUMNS);
  return (
    <>
      <TableFrame label="First rows" maxHeight={360}>
        <Table className={classes.rows ?? ""} withColumnBorders stickyHeader>
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ name, type, unit }) => (
                <Table.Th key={name} className={type === "number" ? "numeric" : ""}>
                  {name}
                  {unit && ` (${unit})`}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {preview.rows.map((row, place) => (
              // Rows have no id, and never change their places.
              // oxlint-disable-next-line react/no-array-index-key
              <Table.Tr key={place}>
                {columns.map(({ name, type }, column) => (
                  <Table.Td key={name} className={type === "number" ? "numeric" : ""}>
                    {row[column] ?? <Missing />}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableFrame>
      {preview.columns.length > SHOWN_COLUMNS && (
        <Text size="xs" c="dimmed" mt={4}>
          The first {SHOWN_COLUMNS} of {formatCount(preview.columns.length)} columns.
        </Text>
      )}
    </>
  );
});

function Missing() {
  return (
    <Text span size="xs" c="dimmed" fs="italic">
      missing
    </Text>
  );
}
