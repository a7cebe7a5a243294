import { Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useLocation } from "react-router";
import { auth } from "../../net/rest/auth.ts";
import { Mark } from "../../ui/Mark.tsx";
import { useTitle } from "../../ui/useTitle.ts";
import { InsecureNotice } from "./InsecureNotice.tsx";
import classes from "./LoginPage.module.css";
import { SignInForm } from "./SignInForm.tsx";
import { nextPath } from "./next.ts";
import { useAuth } from "./useAuth.ts";

export function LoginPage() {
  useTitle("Sign in");
  const state = useAuth();
  const { search } = useLocation();
  // A signed-in visitor is redirected at once. Without a response the form stays.
  useQuery({
    queryKey: ["session"],
    queryFn: () => auth.restore().then(() => true),
    enabled: state.status === "unknown",
    retry: false,
    gcTime: 0,
  });
  if (state.status === "signed-in") return <Navigate to={nextPath(search)} replace />;
  const ended = state.status === "signed-out" && state.reason === "ended";
  return (
    <main className={classes.page}>
      <Paper className={classes.card} withBorder p="xl" radius="md">
        <Stack gap="md">
          <div className={classes.brand}>
            <Mark size={28} />
            <Title order={1}>Halftone</Title>
          </div>
          <Text c="dimmed" size="sm" role={ended ? "status" : undefined}>
            {ended
              ? "Your session ended. Sign in to continue where you were."
              : "Every row of a large table, as a picture."}
          </Text>
          {!window.isSecureContext && <InsecureNotice />}
          <SignInForm />
        </Stack>
      </Paper>
    </main>
  );
}
