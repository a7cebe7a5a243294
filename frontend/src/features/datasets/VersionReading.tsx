import { List, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Reading } from "../../model/reading.ts";
import { CellSamples } from "../../ui/CellSamples.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { RowsSkeleton } from "../../ui/RowsSkeleton.tsx";
import { type VersionReading as Known, versionQuery } from "./catalogue.ts";
import { columnSentence, dialectSentences } from "./reading-words.ts";

/** How one version was read: dialect, columns, warnings, and what did not fit. */
export function VersionReading({ slug, id }: { slug: string; id: string }) {
  const { data, error, refetch } = useQuery(versionQuery(slug, id));
  if (!data) {
    return error ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <RowsSkeleton rows={2} />;
  }
  if (!isKept(data.reading)) {
    return <Text size="sm">It was imported before Halftone kept how a file is read.</Text>;
  }
  const { columns, dialect } = data.reading;
  const faulty = Object.entries(data.unreadable).filter(([, { count }]) => count > 0);
  return (
    <div style={{ whiteSpace: "normal" }}>
      <Sentences
        label="Warnings"
        sentences={[...data.warnings.map(({ text }) => text), ...(dialect ? dialectSentences(dialect) : [])]}
      />
      <Sentences
        label="Columns"
        sentences={columns.map((column) => `${column.source || "(no name)"}: ${columnSentence(column)}`)}
      />
      {faulty.map(([name, { count, cells }]) => (
        <CellSamples key={name} name={`${name}, not readable`} count={count} cells={cells} />
      ))}
    </div>
  );
}

function isKept(reading: Known["reading"]): reading is Reading {
  return "columns" in reading;
}

function Sentences({ label, sentences }: { label: string; sentences: string[] }) {
  if (sentences.length === 0) return null;
  return (
    <List size="sm" mb="xs" aria-label={label}>
      {sentences.map((text) => (
        <List.Item key={text}>{text}</List.Item>
      ))}
    </List>
  );
}
