import { Text, Title } from "@mantine/core";
import { useId } from "react";
import { canOrderRows, LEAF_ROWS } from "../../../model/column.ts";
import { type Pair, PairSelect } from "../../../ui/PairSelect.tsx";
import type { Preview } from "../preview/preview.ts";
import classes from "./wizard.module.css";

interface Props {
  preview: Preview | null;
  /** The import goes into a dataset that is there. */
  isNext: boolean;
  /** Null: as the service chooses. */
  pair: Pair | null;
  onChange: (pair: Pair) => void;
}

/** The columns that rows are ordered by: those of the first picture, which a person may change. */
export function OrderPart({ preview, isNext, pair, onChange }: Props) {
  const id = useId();
  if (!preview || (preview.rows_total !== null && preview.rows_total <= LEAF_ROWS)) return null;
  const names = preview.columns.filter(canOrderRows).map(({ name }) => name);
  const { x = names[0], y = names[1] } = preview.picture ?? {};
  if (names.length < 2 || x === undefined || !y) return null;
  return (
    <section aria-labelledby={id} className={classes.part}>
      <Title order={3} id={id} mb={4}>
        Order of rows
      </Title>
      <Text c="dimmed" size="sm" mb="xs">
        Pictures of these two columns are quick from the first moment on.
        {isNext &&
          !pair &&
          " Without a change it is the order of the version before, where the file has its columns."}
      </Text>
      <PairSelect names={names} value={pair ?? { x, y }} onChange={onChange} />
    </section>
  );
}
