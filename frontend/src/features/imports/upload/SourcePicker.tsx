import { Anchor, Breadcrumbs, Button, Group, NavLink, Paper, Stack, Text } from "@mantine/core";
import { IconFile, IconFolder } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "../../../ui/ErrorNotice.tsx";
import { RowsSkeleton } from "../../../ui/RowsSkeleton.tsx";
import { formatBytes } from "../../../ui/format.ts";
import { below, listingQuery, refer } from "./sources.ts";
import type { Upload } from "./upload.ts";

interface Props {
  source: string;
  onChosen: (upload: Upload) => void;
}

/** Looks through a source; a file, or a folder whose files are the parts of one table, is chosen. */
export function SourcePicker({ source, onChosen }: Props) {
  const [path, setPath] = useState("");
  const { data, error, refetch } = useQuery(listingQuery(source, path));
  const chosen = useMutation({ mutationFn: (place: string) => refer(source, place), onSuccess: onChosen });
  const go = (place: string) => {
    chosen.reset();
    setPath(place);
  };
  return (
    <Stack gap="sm">
      {chosen.error && <ErrorNotice error={chosen.error} />}
      <Group justify="space-between">
        <Trail source={source} path={path} onGo={go} />
        <Button
          variant="default"
          size="xs"
          loading={chosen.isPending}
          disabled={!data?.entries.length}
          onClick={() => chosen.mutate(path)}
        >
          Import this folder as one dataset
        </Button>
      </Group>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <RowsSkeleton />}
      {data && (
        <Paper withBorder mah={360} style={{ overflowY: "auto" }}>
          {data.entries.map(({ name, bytes }) => (
            <NavLink
              key={name}
              component="button"
              label={name}
              description={bytes === null ? undefined : formatBytes(bytes)}
              leftSection={bytes === null ? <IconFolder size={18} /> : <IconFile size={18} />}
              onClick={() => (bytes === null ? go(below(path, name)) : chosen.mutate(below(path, name)))}
            />
          ))}
          {data.entries.length === 0 && <Text p="md">There is nothing here.</Text>}
          {data.more && (
            <Text p="md" size="sm">
              There is more, which is not listed.
            </Text>
          )}
        </Paper>
      )}
    </Stack>
  );
}

function Trail({ source, path, onGo }: { source: string; path: string; onGo: (path: string) => void }) {
  const steps = path ? path.split("/") : [];
  const places = steps.map((name, place) => ({ name, to: steps.slice(0, place + 1).join("/") }));
  return (
    <Breadcrumbs>
      {[{ name: source, to: "" }, ...places].map(({ name, to }) => (
        <Anchor key={to} component="button" onClick={() => onGo(to)}>
          {name}
        </Anchor>
      ))}
    </Breadcrumbs>
  );
}
