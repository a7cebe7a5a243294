import { NativeSelect, NumberInput, Switch } from "@mantine/core";
import { memo } from "react";
import type { Dialect } from "../../../model/reading.ts";
import classes from "./wizard.module.css";

type TextKey = "delimiter" | "quote" | "escape" | "decimal" | "thousands" | "encoding";

const CHOICES: readonly { key: TextKey; label: string; options: readonly (readonly [string, string])[] }[] = [
  {
    key: "delimiter",
    label: "Cells are divided by",
    options: [
      [",", "comma ,"],
      [";", "semicolon ;"],
      ["\t", "tab"],
      ["|", "bar |"],
      [" ", "space"],
      [":", "colon :"],
    ],
  },
  {
    key: "quote",
    label: "Quotes around cells",
    options: [
      ['"', 'double "'],
      ["'", "single '"],
      ["", "none"],
    ],
  },
  {
    key: "escape",
    label: "A quote inside a cell",
    options: [
      ["", "is doubled"],
      ["\\", "has a backslash"],
    ],
  },
  {
    key: "decimal",
    label: "Decimal mark",
    options: [
      [".", "point 1.5"],
      [",", "comma 1,5"],
    ],
  },
  {
    key: "thousands",
    label: "Groups of digits",
    options: [
      ["", "none"],
      [",", "comma 1,000"],
      [".", "point 1.000"],
      [" ", "space 1 000"],
      ["'", "apostrophe 1'000"],
    ],
  },
  {
    key: "encoding",
    label: "Encoding",
    options: [
      ["utf-8", "UTF-8"],
      ["utf-16-le", "UTF-16 (little-endian)"],
      ["utf-16-be", "UTF-16 (big-endian)"],
      ["latin-1", "Latin-1"],
      ["cp1252", "Windows-1252"],
    ],
  },
];

const SWITCHES = [
  { key: "header", label: "The first line names the columns" },
  { key: "units_row", label: "The line below it holds units" },
] as const;

interface Props {
  dialect: Dialect;
  /** Those of a workbook, empty for a text file. */
  sheets: readonly string[];
  onChange: (patch: Partial<Dialect>) => void;
  /** What the service says is wrong: the part, and a sentence. */
  fault: { key: string; detail: string } | null;
}

/** How a text file is divided into cells, or which sheet of a workbook is read. */
export const DialectForm = memo(function DialectForm({ dialect, sheets, onChange, fault }: Props) {
  const errorOf = (key: keyof Dialect) => (fault?.key === key ? fault.detail : null);
  return (
    <div className={classes.dialect}>
      {dialect.sheet && (
        <NativeSelect
          size="xs"
          label="Sheet"
          data={[...sheets]}
          value={dialect.sheet}
          error={errorOf("sheet")}
          onChange={(event) => onChange({ sheet: event.currentTarget.value })}
        />
      )}
      {(dialect.sheet ? [] : CHOICES).map(({ key, label, options }) => (
        <NativeSelect
          key={key}
          size="xs"
          label={label}
          data={withCurrent(options, dialect[key])}
          value={dialect[key]}
          error={errorOf(key)}
          onChange={(event) => onChange({ [key]: event.currentTarget.value })}
        />
      ))}
      <NumberInput
        size="xs"
        label="Lines above the header"
        min={0}
        max={1000}
        allowDecimal={false}
        value={dialect.above}
        error={errorOf("above")}
        onChange={(value) => typeof value === "number" && onChange({ above: value })}
      />
      {SWITCHES.map(({ key, label }) => (
        <Switch
          key={key}
          className={classes.switch ?? ""}
          size="sm"
          label={label}
          checked={dialect[key]}
          error={errorOf(key)}
          onChange={(event) => onChange({ [key]: event.currentTarget.checked })}
        />
      ))}
    </div>
  );
});

/** What was judged is offered even where no list has it. */
function withCurrent(options: readonly (readonly [string, string])[], current: string) {
  const listed = options.map(([value, label]) => ({ value, label }));
  return listed.some(({ value }) => value === current)
    ? listed
    : [...listed, { value: current, label: current }];
}
