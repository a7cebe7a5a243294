import { Button, Group, Text } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import "@mantine/dropzone/styles.css";
import { IconFileCheck, IconFileUpload } from "@tabler/icons-react";
import { useRef } from "react";
import { formatBytes } from "../../../ui/format.ts";
import { acceptOf, type FileFormat } from "./formats.ts";

const PARTS = "Several files with the same columns become one dataset.";

interface Props {
  files: readonly File[];
  formats: readonly FileFormat[];
  onChoose: (files: readonly File[]) => void;
}

/** Drop files or choose them, several of one shape for one table; the caller checks them. */
export function FilePicker({ files, formats, onChoose }: Props) {
  const open = useRef<() => void>(null);
  const isChosen = files.length > 0;
  const accept = acceptOf(formats);
  return (
    <Dropzone
      openRef={open}
      onDropAny={(accepted, rejected) => onChoose([...accepted, ...rejected.map((each) => each.file)])}
      onDrop={() => undefined}
      activateOnClick={false}
      activateOnKeyboard={false}
      inputProps={{ "aria-label": "File to import", ...(accept && { accept }) }}
      p="lg"
    >
      <Group gap="md">
        {isChosen ? <IconFileCheck size={32} stroke={1.4} /> : <IconFileUpload size={32} stroke={1.4} />}
        <div style={{ flex: "1 1 160px", minWidth: 0 }}>
          <Text fw={500} truncate>
            {isChosen ? namesOf(files) : "Drop files here"}
          </Text>
          <Text size="sm" c="dimmed">
            {isChosen
              ? formatBytes(files.reduce((total, { size }) => total + size, 0))
              : formatNames(formats)}
          </Text>
        </div>
        <Button variant="default" style={{ pointerEvents: "all" }} onClick={() => open.current?.()}>
          {isChosen ? "Choose another" : "Choose a file"}
        </Button>
      </Group>
    </Dropzone>
  );
}

/** What is chosen, in a line. */
export function namesOf(files: readonly File[]): string {
  const [first] = files;
  if (files.length < 2) return first?.name ?? "";
  return `${first?.name} and ${files.length - 1} more`;
}

function formatNames(formats: readonly FileFormat[]): string {
  if (formats.length === 0) return `A table in a file. ${PARTS}`;
  return `${new Intl.ListFormat("en", { type: "disjunction" }).format(formats.map(({ title }) => title))}. ${PARTS}`;
}
