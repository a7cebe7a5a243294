import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../../net/rest/errors.ts";
import { ErrorNotice } from "../../../ui/ErrorNotice.tsx";
import { formatBytes } from "../../../ui/format.ts";
import { FilePicker, namesOf } from "./FilePicker.tsx";
import { type FileFormat, formatsQuery } from "./formats.ts";
import { UploadProgress } from "./UploadProgress.tsx";
import { unfinishedSets } from "./set.ts";
import { refuseFile, unfinished, type Upload } from "./upload.ts";
import { useUpload } from "./useUpload.ts";

/** Takes files and sends them at once: how they are read is seen, and changed, before anything is imported. */
export function UploadStep({ onSent }: { onSent: (upload: Upload) => void }) {
  const [chosen, setChosen] = useState<readonly File[]>([]);
  const { data, isPending: unknown } = useQuery(formatsQuery());
  const { mutate, isPending, error, reset, sent, parts, paused, pause, resume, cancel } = useUpload(onSent);
  // A service that names no formats judges by itself.
  const formats = data ?? [];
  const refused = unknown ? null : refuseAny(chosen, formats);
  const choose = (files: readonly File[]) => {
    if (files.length === 0) return;
    reset();
    setChosen(files);
    if (!refuseAny(files, formats)) mutate(files);
  };
  if (isPending) {
    return (
      <UploadProgress
        name={namesOf(chosen)}
        sent={sent}
        parts={parts}
        paused={paused}
        onPause={pause}
        onResume={resume}
        onCancel={cancel}
      />
    );
  }
  return (
    <Stack maw={640}>
      {error && <ErrorNotice error={error} onRetry={() => mutate(chosen)} />}
      <FilePicker files={chosen} formats={formats} onChoose={choose} />
      {refused && <ErrorNotice error={refused} />}
      {chosen.length === 0 && <Unfinished />}
    </Stack>
  );
}

/** A page may not open a file by itself: the person chooses it again. */
function Unfinished() {
  const { data = [] } = useQuery({ queryKey: ["unfinished"], queryFn: allUnfinished, gcTime: 0 });
  return data.map(({ name, bytes }) => (
    <Text key={`${name} ${bytes}`} size="sm">
      {name} ({formatBytes(bytes)}) is not sent whole: choose it again, and it continues where it stopped.
    </Text>
  ));
}

async function allUnfinished(): Promise<{ name: string; bytes: number }[]> {
  return [...(await unfinished()), ...unfinishedSets()];
}

/** Why the first of these files that cannot be sent cannot; null when all can. */
function refuseAny(files: readonly File[], formats: readonly FileFormat[]): ApiError | null {
  for (const file of files) {
    const refused = refuseFile(file, formats);
    if (refused)
      return files.length > 1 ? new ApiError(refused.code, `${file.name}: ${refused.message}`) : refused;
  }
  return null;
}
