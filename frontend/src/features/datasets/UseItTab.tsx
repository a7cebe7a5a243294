import { Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { columnsQuery, type Dataset } from "./catalogue.ts";
import { axesOf, curlSnippet, grpcSnippet, socketSnippet } from "./snippets.ts";

const WAYS = [
  {
    value: "python",
    label: "Python",
    words: "Exact frames over the WebSocket, in its JSON encoding. Needs the package websockets.",
    snippet: socketSnippet,
  },
  {
    value: "curl",
    label: "curl",
    words:
      "Sign in, read what the dataset holds, and fetch the signed grant that a request to compute carries.",
    snippet: curlSnippet,
  },
  {
    value: "grpc",
    label: "gRPC",
    words: "A PNG or an array straight from the compute service, for programs inside your network.",
    snippet: grpcSnippet,
  },
] as const;

export function UseItTab({ dataset }: { dataset: Dataset }) {
  const { data } = useQuery({ ...columnsQuery(dataset.slug), enabled: dataset.version !== null });
  const target = { origin: window.location.origin, slug: dataset.slug, ...axesOf(data ?? []) };
  return (
    <Tabs defaultValue="python" orientation="vertical" variant="pills" keepMounted={false}>
      <Tabs.List mr="md">
        {WAYS.map(({ value, label }) => (
          <Tabs.Tab key={value} value={value}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {WAYS.map(({ value, label, words, snippet }) => (
        <Tabs.Panel key={value} value={value} miw={0}>
          <Text c="dimmed" mb="xs">
            {words}
          </Text>
          <CodeBlock label={label} code={snippet(target)} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
