import { Button, Group, Text } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import "@mantine/dropzone/styles.css";
import { IconFileCheck, IconFileUpload } from "@tabler/icons-react";
import { useRef } from "react";
import { formatBytes } from "../../../ui/format.ts";

interface Props {
  file: File | null;
  onChoose: (file: File | null) => void;
}

/** Drop a file or choose one; the caller checks it. */
export function FilePicker({ file, onChoose }: Props) {
  const open = useRef<() => void>(null);
  return (
    <Dropzone
      openRef={open}
      multiple={false}
      onDrop={(files) => onChoose(files[0] ?? null)}
      onReject={(rejected) => onChoose(rejected[0]?.file ?? null)}
      activateOnClick={false}
      activateOnKeyboard={false}
      inputProps={{ "aria-label": "File to import", accept: ".csv,.parquet,.pq" }}
      p="lg"
    >
      <Group wrap="nowrap" gap="md">
        {file ? <IconFileCheck size={32} stroke={1.4} /> : <IconFileUpload size={32} stroke={1.4} />}
        <div style={{ flex: 1, minWidth: 0 }}>
          <Text fw={500} truncate>
            {file ? file.name : "Drop a CSV or Parquet file here"}
          </Text>
          <Text size="sm" c="dimmed">
            {file ? formatBytes(file.size) : "Up to 1 GiB. CSV needs a header line and UTF-8."}
          </Text>
        </div>
        <Button variant="default" style={{ pointerEvents: "all" }} onClick={() => open.current?.()}>
          {file ? "Choose another" : "Choose a file"}
        </Button>
      </Group>
    </Dropzone>
  );
}
