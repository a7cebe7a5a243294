import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "../../../ui/ErrorNotice.tsx";
import { formatBytes } from "../../../ui/format.ts";
import { FilePicker } from "./FilePicker.tsx";
import { formatsQuery } from "./formats.ts";
import { UploadProgress } from "./UploadProgress.tsx";
import { refuseFile, unfinished, type Upload } from "./upload.ts";
import { useUpload } from "./useUpload.ts";

/** Takes a file and sends it at once: how it is read is seen, and changed, before anything is imported. */
export function UploadStep({ onSent }: { onSent: (upload: Upload) => void }) {
  const [chosen, setChosen] = useState<{ file: File; others: number } | null>(null);
  const { data, isPending: unknown } = useQuery(formatsQuery());
  const { mutate, isPending, error, reset, sent, paused, pause, resume, cancel } = useUpload(onSent);
  // A service that names no formats judges by itself.
  const formats = data ?? [];
  const refused = chosen && !unknown ? refuseFile(chosen.file, formats) : null;
  const choose = (file: File, others: number) => {
    reset();
    setChosen({ file, others });
    if (!refuseFile(file, formats)) mutate(file);
  };
  if (isPending && chosen) {
    return (
      <UploadProgress
        name={chosen.file.name}
        sent={sent}
        paused={paused}
        onPause={pause}
        onResume={resume}
        onCancel={cancel}
      >
        <LeftOut others={chosen.others} />
      </UploadProgress>
    );
  }
  return (
    <Stack maw={640}>
      {error && <ErrorNotice error={error} {...(chosen && { onRetry: () => mutate(chosen.file) })} />}
      <FilePicker file={chosen?.file ?? null} formats={formats} onChoose={choose} />
      {refused && <ErrorNotice error={refused} />}
      {!chosen && <Unfinished />}
    </Stack>
  );
}

/** A page may not open a file by itself: the person chooses it again. */
function Unfinished() {
  const { data = [] } = useQuery({ queryKey: ["unfinished"], queryFn: unfinished, gcTime: 0 });
  return data.map(({ name, bytes }) => (
    <Text key={`${name} ${bytes}`} size="sm">
      {name} ({formatBytes(bytes)}) is not sent whole: choose it again, and it continues where it stopped.
    </Text>
  ));
}

function LeftOut({ others }: { others: number }) {
  if (others === 0) return null;
  return (
    <Text size="sm" mt="xs">
      One file is imported at a time: {others === 1 ? "the other one was" : `the other ${others} were`} left
      out.
    </Text>
  );
}
