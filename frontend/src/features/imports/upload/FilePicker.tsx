import { Button, Group, Text } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import "@mantine/dropzone/styles.css";
import { IconFileCheck, IconFileUpload } from "@tabler/icons-react";
import { useRef } from "react";
import { formatBytes } from "../../../ui/format.ts";
import { acceptOf, type FileFormat } from "./formats.ts";

interface Props {
  file: File | null;
  formats: readonly FileFormat[];
  /** The first file of those that were dropped, and how many more there were. */
  onChoose: (file: File, others: number) => void;
}

/** Drop a file or choose one; the caller checks it. */
export function FilePicker({ file, formats, onChoose }: Props) {
  const open = useRef<() => void>(null);
  const choose = (files: readonly File[]) => {
    const [first] = files;
    if (first) onChoose(first, files.length - 1);
  };
  const accept = acceptOf(formats);
  return (
    <Dropzone
      openRef={open}
      onDrop={choose}
      onReject={(rejected) => choose(rejected.map((each) => each.file))}
      activateOnClick={false}
      activateOnKeyboard={false}
      inputProps={{ "aria-label": "File to import", multiple: false, ...(accept && { accept }) }}
      p="lg"
    >
      <Group gap="md">
        {file ? <IconFileCheck size={32} stroke={1.4} /> : <IconFileUpload size={32} stroke={1.4} />}
        <div style={{ flex: "1 1 160px", minWidth: 0 }}>
          <Text fw={500} truncate>
            {file ? file.name : "Drop a file here"}
          </Text>
          <Text size="sm" c="dimmed">
            {file ? formatBytes(file.size) : formatNames(formats)}
          </Text>
        </div>
        <Button variant="default" style={{ pointerEvents: "all" }} onClick={() => open.current?.()}>
          {file ? "Choose another" : "Choose a file"}
        </Button>
      </Group>
    </Dropzone>
  );
}

function formatNames(formats: readonly FileFormat[]): string {
  if (formats.length === 0) return "A table in a file.";
  return `${new Intl.ListFormat("en", { type: "disjunction" }).format(formats.map(({ title }) => title))}.`;
}
