import { Text } from "@mantine/core";
import { useSearchParams } from "react-router";
import { Page } from "../../ui/Page.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { useTitle } from "../../ui/useTitle.ts";
import { JobProgress } from "./jobs/JobProgress.tsx";
import { Wizard } from "./wizard/Wizard.tsx";
import { UploadStep } from "./upload/UploadStep.tsx";

/**
 * Choose a file and send it; see how it is read and change that; follow the job. The ids of upload and job are in the
 * address, so that a reload finds them.
 */
export function ImportPage() {
  useTitle("Import");
  const [params, setParams] = useSearchParams();
  const job = params.get("job");
  const upload = params.get("upload");
  const dataset = params.get("dataset") ?? "";
  const target: Record<string, string> = dataset ? { dataset } : {};
  return (
    <Page>
      <PageHeader
        title={dataset ? "Import a new version" : "Import a dataset"}
        below={
          <Text c="dimmed">
            {dataset
              ? `Of ${dataset}.`
              : "One file becomes one dataset. You see how it is read before anything is imported."}
          </Text>
        }
      />
      {job ? (
        <JobProgress id={job} />
      ) : upload ? (
        <Wizard
          key={upload}
          uploadId={upload}
          dataset={dataset}
          title={params.get("title") ?? ""}
          onQueued={({ id }) => setParams({ job: id }, { replace: true })}
          onLeave={() => setParams(target)}
        />
      ) : (
        <UploadStep onSent={({ id }) => setParams({ ...target, upload: id }, { replace: true })} />
      )}
    </Page>
  );
}
