import { SegmentedControl, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { SourcePicker } from "./SourcePicker.tsx";
import { sourcesQuery } from "./sources.ts";
import { UploadStep } from "./UploadStep.tsx";
import type { Upload } from "./upload.ts";

const KIND = { folder: "Folder", objects: "Object storage" } as const;

/** Where a file comes from: this machine, or a source that the operator has opened, if there is one. */
export function OriginStep({ onChosen }: { onChosen: (upload: Upload) => void }) {
  const { data: sources = [] } = useQuery(sourcesQuery());
  const [origin, setOrigin] = useState("");
  const choices = sources.map(({ name, kind }) => ({ value: name, label: `${KIND[kind]}: ${name}` }));
  return (
    <Stack maw={640}>
      {/* Sources may come to be known while a file is being sent, which must go on: the step keeps its place. */}
      {choices.length > 0 && (
        <SegmentedControl
          aria-label="Where the file comes from"
          data={[{ value: "", label: "Upload" }, ...choices]}
          value={origin}
          onChange={setOrigin}
        />
      )}
      {origin ? (
        <SourcePicker key={origin} source={origin} onChosen={onChosen} />
      ) : (
        <UploadStep onSent={onChosen} />
      )}
    </Stack>
  );
}
