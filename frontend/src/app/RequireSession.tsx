import { Center, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { useAuth } from "../features/login/useAuth.ts";
import { auth } from "../net/rest/auth.ts";
import { Delayed } from "../ui/Delayed.tsx";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";

/** Shows its children to a signed-in user; sends others to the sign-in page and back. */
export function RequireSession({ children }: { children: ReactNode }) {
  const state = useAuth();
  const location = useLocation();
  if (state.status === "signed-in") return children;
  if (state.status === "unknown") return <Restoring />;
  const wanted = `${location.pathname}${location.search}${location.hash}`;
  const back = state.reason === "left" || wanted === "/" ? "" : `?${new URLSearchParams({ next: wanted })}`;
  return <Navigate to={`/login${back}`} replace />;
}

function Restoring() {
  const { error, refetch } = useQuery({
    queryKey: ["session"],
    queryFn: () => auth.restore().then(() => true),
    retry: 1,
    gcTime: 0,
  });
  return (
    <Center component="main" mih="100dvh" p="md">
      <h1 className="visually-hidden">Halftone</h1>
      {error ? (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      ) : (
        <Delayed>
          <Loader size="sm" aria-label="Signing in" />
        </Delayed>
      )}
    </Center>
  );
}
