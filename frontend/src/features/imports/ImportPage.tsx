import { Text } from "@mantine/core";
import { useSearchParams } from "react-router";
import { Page } from "../../ui/Page.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { useTitle } from "../../ui/useTitle.ts";
import { JobProgress } from "./jobs/JobProgress.tsx";
import { Wizard } from "./wizard/Wizard.tsx";
import { OriginStep } from "./upload/OriginStep.tsx";

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
  const { title, about } = heading(dataset, params.get("order") ?? "");
  const target: Record<string, string> = dataset ? { dataset } : {};
  return (
    <Page>
      <PageHeader title={title} below={<Text c="dimmed">{about}</Text>} />
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
        <OriginStep onChosen={({ id }) => setParams({ ...target, upload: id }, { replace: true })} />
      )}
    </Page>
  );
}

/** Of the page: `order` is the slug of a dataset whose rows are ordered by other columns. */
function heading(dataset: string, order: string): { title: string; about: string } {
  if (order) return { title: "Order rows", about: `Of ${order}.` };
  if (dataset) return { title: "Import a new version", about: `Of ${dataset}.` };
  return {
    title: "Import a dataset",
    about:
      "One file, or several of one shape, become one dataset. You see how they are read before anything is imported.",
  };
}
