import { Code, Text } from "@mantine/core";
import { formatCount } from "./format.ts";

interface Props {
  name: string;
  count: number;
  /** The first of them. */
  cells: readonly { readonly line: number; readonly text: string }[];
}

/** Cells of a file that could not be read: how many, and line and text of the first. */
export function CellSamples({ name, count, cells }: Props) {
  return (
    <div>
      <Text size="sm" mt={4}>
        <b>{name}</b>: {formatCount(count)} {count === 1 ? "cell" : "cells"}
        {count > cells.length && cells.length > 0 && `, the first ${cells.length} of them`}
      </Text>
      <ul style={{ margin: 0, paddingLeft: 18 }} aria-label={`Cells of ${name} that cannot be read`}>
        {cells.map(({ line, text }) => (
          <li key={line}>
            <Text span size="sm">
              line {formatCount(line)}: <Code style={{ overflowWrap: "anywhere" }}>{text}</Code>
            </Text>
          </li>
        ))}
      </ul>
    </div>
  );
}
