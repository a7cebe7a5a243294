import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useEffect, useRef, useState } from "react";
import { auth } from "../../net/rest/auth.ts";
import { ApiError } from "../../net/rest/errors.ts";
import { errorWords } from "../../ui/error-words.ts";
import { formatDuration } from "../../ui/format.ts";
import { useCountdown } from "./useCountdown.ts";

interface Failure {
  title: string;
  advice: string;
  /** Epoch ms. */
  at: number;
  /** Epoch ms before which another try is refused; 0 for none. */
  waitUntil: number;
}

export function SignInForm() {
  const [failure, setFailure] = useState<Failure | null>(null);
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "", password: "" },
    validate: {
      email: (value) => (value.trim() ? null : "Enter your e-mail address"),
      password: (value) => (value ? null : "Enter your password"),
    },
  });
  const wait = useCountdown(failure?.at ?? 0, failure?.waitUntil ?? 0);
  const submit = async (values: { email: string; password: string }) => {
    setFailure(null);
    try {
      await auth.signIn(values.email.trim(), values.password);
    } catch (error) {
      setFailure(failureOf(error));
    }
  };
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack gap="sm">
        {failure && <FailureSummary key={failure.at} failure={failure} wait={wait} />}
        <TextInput
          key={form.key("email")}
          {...form.getInputProps("email")}
          label="E-mail"
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
        />
        <PasswordInput
          key={form.key("password")}
          {...form.getInputProps("password")}
          label="Password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ "aria-label": "Show or hide what is typed" }}
        />
        <Button type="submit" mt="xs" loading={form.submitting} disabled={wait > 0}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}

/** Takes the focus, so that it is read out and found without looking. */
function FailureSummary({ failure, wait }: { failure: Failure; wait: number }) {
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => summary.current?.focus(), []);
  return (
    <Alert ref={summary} tabIndex={-1} role="alert" color="red" variant="light" title={failure.title} p="sm">
      {wait > 0 ? `Try again in ${formatDuration(wait)}.` : failure.advice}
    </Alert>
  );
}

function failureOf(error: unknown): Failure {
  const at = Date.now();
  if (error instanceof ApiError && error.status === 401) {
    return {
      title: "Sign-in failed",
      advice: "The e-mail or the password is wrong. Check both, and whether caps lock is on.",
      at,
      waitUntil: 0,
    };
  }
  const waitMs = error instanceof ApiError && error.status === 429 ? Math.max(error.retryAfterMs, 1_000) : 0;
  return { ...errorWords(error), at, waitUntil: waitMs ? at + waitMs : 0 };
}
