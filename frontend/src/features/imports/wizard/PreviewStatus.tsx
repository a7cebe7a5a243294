import { Loader, Text } from "@mantine/core";
import { isUnchanged } from "../../../model/reading.ts";
import { ErrorNotice } from "../../../ui/ErrorNotice.tsx";
import { formatCount } from "../../../ui/format.ts";
import type { FileFormat } from "../upload/formats.ts";
import type { Preview } from "../preview/preview.ts";
import { faultyPart, type PreviewState } from "../preview/usePreview.ts";
import classes from "./wizard.module.css";

interface Props {
  state: PreviewState;
  dataset: string;
  formats: readonly FileFormat[];
}

/** How far the preview is, in one line that screen readers announce; what went wrong below it. */
export function PreviewStatus({ state, dataset, formats }: Props) {
  const { error, isStale, preview, retry } = state;
  // An error that speaks of a part is shown there, once that part is on the screen.
  const shown = error && !(preview && faultyPart(error)) ? error : null;
  return (
    <>
      <div className={classes.status}>
        {isStale && <Loader size={14} aria-hidden="true" />}
        <Text size="sm" role="status">
          {statusWords(state, dataset, formats)}
        </Text>
      </div>
      {shown && <ErrorNotice error={shown} onRetry={retry} />}
    </>
  );
}

function statusWords(state: PreviewState, dataset: string, formats: readonly FileFormat[]): string {
  const { preview, isStale, error, changes } = state;
  if (isStale) return preview ? "Reading the file again with your changes." : "Reading the file.";
  if (error) {
    return preview
      ? "It cannot be read with these changes. Below is what it was before them."
      : "The file could not be read.";
  }
  if (!preview) return "";
  const origin =
    dataset && isUnchanged(changes)
      ? ` It is read as the newest version of ${dataset} was, where that fits.`
      : "";
  return `${readWords(preview, formats)}${origin}`;
}

function readWords(preview: Preview, formats: readonly FileFormat[]): string {
  const { reading, columns, sampled_rows, rows_total, whole } = preview;
  const format = formats.find(({ endings }) => endings.includes(reading.format))?.title ?? reading.format;
  const shape = `${formatCount(columns.length)} ${columns.length === 1 ? "column" : "columns"}`;
  const rows = whole ? sampled_rows : rows_total;
  if (rows !== null) return `${format}, ${formatCount(rows)} rows, ${shape}.`;
  return `${format}, ${shape}. Judged by the first ${formatCount(sampled_rows)} rows.`;
}
