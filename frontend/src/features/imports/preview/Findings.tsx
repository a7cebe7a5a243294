import { Alert, List, Text } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { CellSamples } from "../../../ui/CellSamples.tsx";
import { formatCount } from "../../../ui/format.ts";
import type { Preview } from "./preview.ts";

/** What a person should know before the import: sentences, and cells that could not be read. */
export function Findings({ preview }: { preview: Preview }) {
  const { reading, unreadable, nothing_to_draw } = preview;
  const faulty = Object.entries(unreadable).filter(([, { count }]) => count > 0);
  const sentences = [...reading.warnings.map(({ text }) => text), ...infiniteSentences(preview)];
  return (
    <>
      {nothing_to_draw && (
        <Alert color="yellow" icon={<IconAlertTriangle />} title="There is nothing to draw yet">
          <Text size="sm">{nothing_to_draw}</Text>
        </Alert>
      )}
      {faulty.length > 0 && (
        <Alert role="note" color="yellow" icon={<IconAlertTriangle />} title="Some cells cannot be read">
          <Text size="sm">They will be missing, and counted{where(preview)}.</Text>
          {faulty.map(([name, { count, cells }]) => (
            <CellSamples key={name} name={name} count={count} cells={cells} />
          ))}
        </Alert>
      )}
      {sentences.length > 0 && (
        <Alert role="note" icon={<IconInfoCircle />} title="How the file is read">
          <List size="sm" spacing={2}>
            {sentences.map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </>
  );
}

function infiniteSentences({ columns }: Preview): string[] {
  return columns.flatMap(({ name, infinite, outOfRange }) => [
    ...(infinite > 0
      ? [
          `${name} holds ${formatCount(infinite)} infinite ${infinite === 1 ? "value" : "values"}, which no axis can show.`,
        ]
      : []),
    ...(outOfRange > 0
      ? [
          `${name} holds ${formatCount(outOfRange)} ${outOfRange === 1 ? "time" : "times"} outside the years 1 to 9999.`,
        ]
      : []),
  ]);
}

function where({ whole, sampled_rows }: Preview): string {
  return whole
    ? ""
    : `; this is from the first ${formatCount(sampled_rows)} rows, the import counts them all`;
}
