import { Text } from "@mantine/core";
import { useSearchParams } from "react-router";
import { Page } from "../../../ui/Page.tsx";
import { PageHeader } from "../../../ui/PageHeader.tsx";
import { useTitle } from "../../../ui/useTitle.ts";
import { JobProgress } from "../jobs/JobProgress.tsx";
import { ImportForm } from "./ImportForm.tsx";

/** Choose a file and send it; then follow the job, whose id is in the address so that a reload finds it. */
export function ImportPage() {
  useTitle("Import");
  const [params, setParams] = useSearchParams();
  const job = params.get("job");
  const dataset = params.get("dataset") ?? "";
  return (
    <Page>
      <PageHeader
        title={dataset ? "Import a new version" : "Import a dataset"}
        below={
          <Text c="dimmed">
            {dataset ? `Of ${dataset}.` : "One CSV or Parquet file becomes one dataset."}
          </Text>
        }
      />
      {job ? (
        <JobProgress id={job} />
      ) : (
        <ImportForm dataset={dataset} onQueued={({ id }) => setParams({ job: id }, { replace: true })} />
      )}
    </Page>
  );
}
