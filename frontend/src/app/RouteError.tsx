import { Container, Title } from "@mantine/core";
import { isRouteErrorResponse, useRevalidator, useRouteError } from "react-router";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";
import { NotFoundPage } from "./NotFoundPage.tsx";

/** What is shown instead of a page that threw. */
export function RouteError() {
  const error = useRouteError();
  const { revalidate } = useRevalidator();
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFoundPage />;
  return (
    <Container size="sm" py="xl">
      <Title order={1} mb="md">
        This page cannot be shown
      </Title>
      <ErrorNotice
        error={error}
        onRetry={() => {
          // A page whose code could not be loaded (after an update, or offline) needs the new index.html.
          if (isLoadFailure(error)) window.location.reload();
          else void revalidate();
        }}
      />
    </Container>
  );
}

function isLoadFailure(error: unknown): boolean {
  return error instanceof TypeError && /module script|dynamically imported module/i.test(error.message);
}
