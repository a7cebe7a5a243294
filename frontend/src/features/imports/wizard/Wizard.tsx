import { Button, Group, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "../../../ui/ErrorNotice.tsx";
import { RowsSkeleton } from "../../../ui/RowsSkeleton.tsx";
import { uploadQuery } from "../upload/upload.ts";
import { type FormProps, WizardForm } from "./WizardForm.tsx";

/** From an upload to its import: how the file is read is shown, and can be changed. */
export function Wizard(props: Omit<FormProps, "upload"> & { uploadId: string }) {
  const { data, error, refetch } = useQuery(uploadQuery(props.uploadId));
  if (data) return <WizardForm {...props} upload={data} />;
  if (!error) return <RowsSkeleton />;
  return (
    <Stack>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      <Group>
        <Button variant="default" onClick={props.onLeave}>
          Choose a file
        </Button>
      </Group>
    </Stack>
  );
}
