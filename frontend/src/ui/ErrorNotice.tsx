import { Alert, Button, Code, Group, Text } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconAlertTriangle } from "@tabler/icons-react";
import { errorDetails, errorWords, furtherDetail, isRequestError } from "./error-words.ts";

interface Props {
  error: unknown;
  onRetry?: () => void;
}

/** What happened, what to do about it, and an id that can be looked up. */
export function ErrorNotice({ error, onRetry }: Props) {
  const words = errorWords(error);
  const clipboard = useClipboard({ timeout: 2_000 });
  const known = isRequestError(error) ? error : null;
  const copy = () => clipboard.copy(errorDetails(error, window.location.href, new Date()));
  const detail = known && furtherDetail(words.title, known.message);
  return (
    <Alert
      role="alert"
      color="red"
      variant="light"
      icon={<IconAlertTriangle />}
      title={words.title}
      maw={640}
    >
      {detail && <Text size="sm">{detail}</Text>}
      <Text size="sm">{words.advice}</Text>
      <Group gap="xs" mt="sm">
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
        <Button size="xs" variant="subtle" color="gray" onClick={copy}>
          {clipboard.copied ? "Copied" : "Copy details"}
        </Button>
        {known?.requestId && <Code>{known.requestId}</Code>}
      </Group>
    </Alert>
  );
}
