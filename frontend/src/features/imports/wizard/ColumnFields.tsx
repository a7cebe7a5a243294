import { Button, Checkbox, NativeSelect, Text, TextInput } from "@mantine/core";
import { memo, useState } from "react";
import type { Column } from "../../../model/column.ts";
import type { ColumnChange, ColumnReading } from "../../../model/reading.ts";
import { findingWords, marksOf, marksText, suggestionWords, TYPES, typeChange } from "./column-words.ts";
import classes from "./wizard.module.css";

export const TIME_FORMATS_ID = "time-formats";

export interface ColumnFault {
  key: string;
  detail: string;
}

interface Props {
  column: ColumnReading;
  /** What the preview found in it; null when it is left out, or its name has just changed. */
  found: Column | null;
  fault: ColumnFault | null;
  onChange: (source: string, patch: ColumnChange) => void;
}

/** How one column is read: a line of the table of columns, a card where that is too narrow. */
export const ColumnFields = memo(function ColumnFields({ column, found, fault, onChange }: Props) {
  const { source, leave_out } = column;
  const change = (patch: ColumnChange) => onChange(source, patch);
  const errorOf = (key: string) => (fault?.key === key ? fault.detail : null);
  const common = {
    size: "xs",
    disabled: leave_out,
    labelProps: { className: classes.fieldLabel ?? "" },
  } as const;
  return (
    <li className={classes.column} aria-label={source || "column without a name"}>
      <Source column={column} found={found} />
      <TextInput
        {...common}
        label="Name"
        value={column.name}
        error={errorOf("name")}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <NativeSelect
        {...common}
        label="Type"
        data={TYPES}
        value={column.type}
        error={errorOf("type")}
        onChange={(event) => change(typeChange(event.currentTarget.value))}
      />
      <FormatInput common={common} column={column} error={errorOf("format")} onChange={change} />
      <TextInput
        {...common}
        label="Unit"
        value={column.unit}
        error={errorOf("unit")}
        onChange={(event) => change({ unit: event.currentTarget.value })}
      />
      <MarksInput common={common} column={column} error={errorOf("missing")} onChange={change} />
      <Checkbox
        size="xs"
        className={classes.leaveOut ?? ""}
        label="Leave out"
        checked={leave_out}
        onChange={(event) => change({ leave_out: event.currentTarget.checked })}
      />
      {column.suggest && !leave_out && !isTaken(column) && (
        <Suggestion suggest={column.suggest} source={source} onTake={change} />
      )}
    </li>
  );
});

function Source({ column: { source, leave_out }, found }: Pick<Props, "column" | "found">) {
  return (
    <div className={classes.source}>
      <Text size="sm" fw={500} className={classes.sourceName ?? ""}>
        {source || "(no name)"}
      </Text>
      <Text size="xs" c="dimmed">
        {leave_out ? "left out" : found && findingWords(found)}
      </Text>
    </div>
  );
}

function isTaken({ type, format, suggest }: ColumnReading): boolean {
  return suggest !== null && type === suggest[0] && format === suggest[1];
}

interface SuggestionProps {
  suggest: readonly [string, string];
  source: string;
  onTake: (patch: ColumnChange) => void;
}

function Suggestion({ suggest, source, onTake }: SuggestionProps) {
  const words = suggestionWords(suggest);
  return (
    <div className={classes.suggestion}>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`${words}: ${source}`}
        onClick={() => onTake(typeChange(...suggest))}
      >
        {words}
      </Button>
    </div>
  );
}

interface PartProps {
  common: { size: "xs"; disabled: boolean; labelProps: { className: string } };
  column: ColumnReading;
  error: string | null;
  onChange: (patch: ColumnChange) => void;
}

function FormatInput({ common, column, error, onChange }: PartProps) {
  const { type, format, leave_out } = column;
  return (
    <TextInput
      {...common}
      label="Format"
      placeholder={type === "time" ? "as found" : ""}
      disabled={leave_out || type === "category"}
      {...(type === "time" && { list: TIME_FORMATS_ID })}
      value={format}
      error={error}
      onChange={(event) => onChange({ format: event.currentTarget.value })}
    />
  );
}

/** Keeps the text as it is typed: marks are its parts, and a bar at its end is not a part yet. */
function MarksInput({ common, column, error, onChange }: PartProps) {
  const [text, setText] = useState(() => marksText(column.missing));
  const known = marksText(column.missing);
  const shown = marksText(marksOf(text)) === known ? text : known;
  return (
    <TextInput
      {...common}
      label="Also missing"
      placeholder="-9999 | none"
      value={shown}
      error={error}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange({ missing: marksOf(event.currentTarget.value) });
      }}
    />
  );
}
