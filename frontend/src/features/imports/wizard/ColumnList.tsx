import { Button, Group, Text, TextInput } from "@mantine/core";
import { memo, useMemo, useState } from "react";
import type { Column } from "../../../model/column.ts";
import type { ColumnChange, ColumnReading } from "../../../model/reading.ts";
import { formatCount } from "../../../ui/format.ts";
import { type ColumnFault, ColumnFields, TIME_FORMATS_ID } from "./ColumnFields.tsx";
import { formatWords, TIME_FORMATS } from "./column-words.ts";
import classes from "./wizard.module.css";

/** Columns shown at first, and added by each press of the button. */
const SHOWN = 50;
const HEADS = ["In the file", "Name", "Type", "Format", "Unit", "Also missing", "Leave out"];

interface Props {
  columns: readonly ColumnReading[];
  found: readonly Column[];
  /** By the name in the file. */
  faults: Readonly<Record<string, ColumnFault>>;
  onChange: (source: string, patch: ColumnChange) => void;
}

/** Every column of the file: name, type, format, unit, marks that mean missing; each can be changed or left out. */
export const ColumnList = memo(function ColumnList({ columns, found, faults, onChange }: Props) {
  const [most, setMost] = useState(SHOWN);
  const [search, setSearch] = useState("");
  const byName = useMemo(() => new Map(found.map((column) => [column.name, column])), [found]);
  const wanted = columns.filter(({ source, name }) =>
    `${source}\n${name}`.toLowerCase().includes(search.toLowerCase()),
  );
  return (
    <>
      {columns.length > SHOWN && <Search value={search} onChange={setSearch} />}
      <div className={classes.heads} aria-hidden="true">
        {HEADS.map((head) => (
          <span key={head}>{head}</span>
        ))}
      </div>
      <ul className={classes.columns} aria-label="Columns of the file">
        {wanted.slice(0, most).map((column) => (
          <ColumnFields
            key={column.source}
            column={column}
            found={byName.get(column.name) ?? null}
            fault={faults[column.source] ?? null}
            onChange={onChange}
          />
        ))}
      </ul>
      <TimeFormats />
      {wanted.length > most && (
        <Group mt="xs" gap="sm">
          <Button size="xs" variant="default" onClick={() => setMost(most + SHOWN)}>
            Show {formatCount(Math.min(SHOWN, wanted.length - most))} more
          </Button>
          <Text size="xs" c="dimmed">
            {formatCount(most)} of {formatCount(wanted.length)} columns
          </Text>
        </Group>
      )}
    </>
  );
});

function Search({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <TextInput
      size="xs"
      mb="xs"
      maw={280}
      label="Find a column"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Offered while the format of a time is typed. */
function TimeFormats() {
  return (
    <datalist id={TIME_FORMATS_ID}>
      {TIME_FORMATS.map((format) => (
        <option key={format} value={format}>
          {formatWords(format)}
        </option>
      ))}
    </datalist>
  );
}
