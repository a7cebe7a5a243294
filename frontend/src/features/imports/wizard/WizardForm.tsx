import { Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { NO_CHANGES, isUnchanged } from "../../../model/reading.ts";
import { ErrorNotice } from "../../../ui/ErrorNotice.tsx";
import type { Pair } from "../../../ui/PairSelect.tsx";
import { formatBytes } from "../../../ui/format.ts";
import { formatsQuery, titleOf } from "../upload/formats.ts";
import type { Job } from "../jobs/jobs.ts";
import type { Upload } from "../upload/upload.ts";
import { OrderPart } from "./OrderPart.tsx";
import { PreviewParts } from "./PreviewParts.tsx";
import { PreviewStatus } from "./PreviewStatus.tsx";
import { useCreateImport } from "./useCreateImport.ts";
import { type PreviewState, usePreview } from "../preview/usePreview.ts";
import classes from "./wizard.module.css";

export interface FormProps {
  upload: Upload;
  /** Slug of the dataset that gets a new version; empty for a new dataset. */
  dataset: string;
  /** Of a new dataset; empty: after the file. */
  title: string;
  onQueued: (job: Job) => void;
  /** Another file is wanted. */
  onLeave: () => void;
}

export function WizardForm({ upload, dataset, onQueued, onLeave, ...props }: FormProps) {
  const formats = useQuery(formatsQuery()).data ?? [];
  const [typed, setTyped] = useState(props.title || null);
  const title = typed ?? titleOf(upload.name, formats);
  const state = usePreview(upload.id, dataset);
  const [pair, setPair] = useState<Pair | null>(null);
  const { mutate, isPending, error } = useCreateImport(onQueued);
  const faulty = Object.keys(state.faults).length > 0;
  const isNamed = dataset !== "" || title.trim() !== "";
  const ready = state.preview !== null && !state.error && !faulty && isNamed && (!pair || pair.x !== pair.y);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !isPending) {
          mutate({ upload: upload.id, title: title.trim(), dataset, changes: state.changes, pair });
        }
      }}
    >
      <Stack>
        <FileLine upload={upload} onLeave={onLeave} />
        {!dataset && <TitleInput title={title} onChange={setTyped} />}
        <PreviewStatus state={state} dataset={dataset} formats={formats} />
        <PreviewParts state={state} />
        <OrderPart preview={state.preview} isNext={dataset !== ""} pair={pair} onChange={setPair} />
        {error && <ErrorNotice error={error} />}
        <Actions state={state} ready={ready} loading={isPending} />
      </Stack>
    </form>
  );
}

function TitleInput({ title, onChange }: { title: string; onChange: (title: string) => void }) {
  return (
    <TextInput
      label="Title"
      description="What people see in the catalogue"
      maxLength={128}
      maw={480}
      value={title}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={title.trim() ? undefined : "Enter a title"}
    />
  );
}

function Actions({ state, ready, loading }: { state: PreviewState; ready: boolean; loading: boolean }) {
  return (
    <Group className={classes.actions ?? ""}>
      <Button type="submit" disabled={!ready} loading={loading}>
        Import
      </Button>
      {!isUnchanged(state.changes) && (
        <Button variant="default" onClick={() => state.setChanges(() => NO_CHANGES)}>
          Take back all changes
        </Button>
      )}
      {Object.keys(state.faults).length > 0 && (
        <Text size="sm" c="var(--mantine-color-error)">
          Correct the names of the columns first.
        </Text>
      )}
    </Group>
  );
}

function FileLine({ upload, onLeave }: { upload: Upload; onLeave: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed is gone: the keyboard goes on from here.
  useEffect(() => heading.current?.focus(), []);
  return (
    <Group justify="space-between" gap="xs">
      <div className={classes.file}>
        <Title order={2} ref={heading} tabIndex={-1} className={classes.fileName ?? ""}>
          {upload.name}
        </Title>
        <Text size="sm" c="dimmed">
          {formatBytes(upload.bytes)}
        </Text>
      </div>
      <Button variant="default" size="xs" onClick={onLeave}>
        Choose another file
      </Button>
    </Group>
  );
}
