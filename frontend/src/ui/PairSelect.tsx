import { Group, NativeSelect, Text } from "@mantine/core";
import type { ReactNode } from "react";

export interface Pair {
  x: string;
  y: string;
}

interface Props {
  /** Columns to choose from. */
  names: readonly string[];
  value: Pair;
  onChange: (pair: Pair) => void;
  /** Beside the two controls. */
  children?: ReactNode;
}

/** Two columns, one for each axis; says so when both are the same. */
export function PairSelect({ names, value, onChange, children }: Props) {
  return (
    <>
      <Group align="end" gap="sm">
        <NativeSelect
          size="xs"
          label="X axis"
          data={[...names]}
          value={value.x}
          onChange={(event) => onChange({ ...value, x: event.currentTarget.value })}
        />
        <NativeSelect
          size="xs"
          label="Y axis"
          data={[...names]}
          value={value.y}
          onChange={(event) => onChange({ ...value, y: event.currentTarget.value })}
        />
        {children}
      </Group>
      {value.x === value.y && (
        <Text size="sm" mt={4} c="var(--mantine-color-error)">
          Choose two different columns.
        </Text>
      )}
    </>
  );
}
