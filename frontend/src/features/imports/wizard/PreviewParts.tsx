import { Title } from "@mantine/core";
import { type ReactNode, useCallback, useId, useMemo } from "react";
import {
  changeColumn,
  changeDialect,
  type ColumnChange,
  type Dialect,
  type Reading,
} from "../../../model/reading.ts";
import { RowsSkeleton } from "../../../ui/RowsSkeleton.tsx";
import type { ColumnFault } from "./ColumnFields.tsx";
import { ColumnList } from "./ColumnList.tsx";
import { DialectForm } from "./DialectForm.tsx";
import { Findings } from "../preview/Findings.tsx";
import { RowsTable } from "../preview/RowsTable.tsx";
import { SketchPicture } from "../preview/SketchPicture.tsx";
import { faultyPart, type PreviewState } from "../preview/usePreview.ts";
import classes from "./wizard.module.css";

/** The parts of the preview, with the controls that change it. */
export function PreviewParts({ state }: { state: PreviewState }) {
  const { preview, reading, setChanges, error, faults } = state;
  const onDialect = useCallback(
    (patch: Partial<Dialect>) => setChanges((changes) => changeDialect(changes, patch)),
    [setChanges],
  );
  const onColumn = useCallback(
    (source: string, patch: ColumnChange) => setChanges((changes) => changeColumn(changes, source, patch)),
    [setChanges],
  );
  const columnFaults = useMemo(() => allFaults(reading, faults, error), [reading, faults, error]);
  if (!preview || !reading) return error ? null : <RowsSkeleton />;
  return (
    <>
      <Findings preview={preview} />
      <div className={classes.parts}>
        {reading.dialect && (
          <Part title="How it is divided into cells">
            <DialectForm
              dialect={reading.dialect}
              sheets={reading.sheets ?? []}
              onChange={onDialect}
              fault={dialectFault(error)}
            />
          </Part>
        )}
        {preview.picture && (
          <Part title="First picture">
            <SketchPicture preview={preview} sketch={preview.picture} />
          </Part>
        )}
      </div>
      <Part title="Columns">
        <ColumnList
          columns={reading.columns}
          found={preview.columns}
          faults={columnFaults}
          onChange={onColumn}
        />
      </Part>
      <Part title="First rows, as they will be">
        <RowsTable preview={preview} />
      </Part>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classes.part}>
      <Title order={3} id={id} mb="xs">
        {title}
      </Title>
      {children}
    </section>
  );
}

/** The service names `dialect`, or a part of it. */
function dialectFault(error: unknown): ColumnFault | null {
  const fault = faultyPart(error);
  if (!fault?.part.startsWith("dialect")) return null;
  return { key: fault.part.slice("dialect.".length) || "delimiter", detail: fault.detail };
}

const PARTS: ReadonlySet<string> = new Set(["name", "type", "format", "unit", "missing"]);

/** What the page and the service say is wrong with columns, by their names in the file. */
function allFaults(
  reading: Reading | null,
  names: Readonly<Record<string, string>>,
  error: unknown,
): Readonly<Record<string, ColumnFault>> {
  const here = Object.entries(names).map(([source, detail]) => [source, { key: "name", detail }] as const);
  const fault = faultyPart(error);
  const there = (reading?.columns ?? []).flatMap(({ source }) => {
    const path = `columns.${source}`;
    if (!fault || (fault.part !== path && !fault.part.startsWith(`${path}.`))) return [];
    const key = fault.part.slice(path.length + 1);
    return [[source, { key: PARTS.has(key) ? key : "type", detail: fault.detail }] as const];
  });
  return Object.fromEntries([...there, ...here]);
}
