import { Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ErrorBoundary } from "react-error-boundary";
import { useParams } from "react-router";
import { api } from "../../net/rest/api.ts";
import { Delayed } from "../../ui/Delayed.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { useTitle } from "../../ui/useTitle.ts";
import { Workbench } from "./Workbench.tsx";
import classes from "./explore.module.css";
import type { Kinds } from "./state/schema.ts";

export function ExplorePage() {
  const { slug = "" } = useParams();
  useTitle(`Explore ${slug}`);
  const kinds = useQuery({
    queryKey: ["kinds"],
    queryFn: ({ signal }) => api<{ kinds: Kinds }>("/compute/kinds", { signal }),
    // The schemas change with the server's release only, and a new identity would restart the view.
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (kinds.data) {
    return (
      <ErrorBoundary
        fallbackRender={({ error, resetErrorBoundary }) => (
          <div className={classes.notice}>
            <ErrorNotice error={error} onRetry={resetErrorBoundary} />
          </div>
        )}
      >
        <Workbench key={slug} slug={slug} kinds={kinds.data.kinds} />
      </ErrorBoundary>
    );
  }
  return (
    <div className={classes.notice}>
      {kinds.isError ? (
        <ErrorNotice error={kinds.error} onRetry={() => void kinds.refetch()} />
      ) : (
        <Delayed>
          <Loader size="sm" aria-label="Loading" />
        </Delayed>
      )}
    </div>
  );
}
