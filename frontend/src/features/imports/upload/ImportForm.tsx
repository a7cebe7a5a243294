import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { ErrorNotice } from "../../../ui/ErrorNotice.tsx";
import type { Job } from "../jobs/jobs.ts";
import { FilePicker } from "./FilePicker.tsx";
import { UploadProgress } from "./UploadProgress.tsx";
import { refuseFile } from "./upload.ts";
import { useImport } from "./useImport.ts";

interface Props {
  /** Slug of the dataset that gets a new version; empty for a new dataset. */
  dataset: string;
  onQueued: (job: Job) => void;
}

export function ImportForm({ dataset, onQueued }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [title, setTitle] = useState("");
  const { mutate, isPending, error, reset, sent, cancel } = useImport(onQueued);
  const refused = file ? refuseFile(file) : null;
  const choose = (chosen: File | null) => {
    reset();
    setFile(chosen);
    setTitle(chosen ? titleOf(chosen.name) : "");
  };
  if (isPending && file) return <UploadProgress name={file.name} sent={sent} onCancel={cancel} />;
  const ready = file !== null && refused === null && (dataset !== "" || title.trim() !== "");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) mutate({ file, title: title.trim(), dataset });
      }}
    >
      <Stack maw={640}>
        {error && <ErrorNotice error={error} />}
        <FilePicker file={file} onChoose={choose} />
        {refused && <ErrorNotice error={refused} />}
        {file && !refused && !dataset && (
          <TextInput
            label="Title"
            description="What people see in the catalogue"
            maxLength={128}
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
            error={title.trim() ? undefined : "Enter a title"}
          />
        )}
        <Group>
          <Button type="submit" disabled={!ready}>
            Start the import
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** "flights_2024-jan.csv" reads better as "Flights 2024 jan". */
export function titleOf(fileName: string): string {
  const words = fileName
    .replace(/\.(csv|parquet|pq)$/i, "")
    .replace(/[\s._-]+/g, " ")
    .trim()
    .slice(0, 128);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
