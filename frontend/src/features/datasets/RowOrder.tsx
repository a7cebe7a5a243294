import { Button, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { canOrderRows, LEAF_ROWS } from "../../model/column.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { type Pair, PairSelect } from "../../ui/PairSelect.tsx";
import { columnsQuery, type Dataset, orderRows, type Version } from "./catalogue.ts";

/** The columns that rows are ordered by, as a sentence of the overview. */
export function orderWords({ pair, rows }: Version): string {
  if (pair) return `${pair.x} and ${pair.y}`;
  return rows > LEAF_ROWS ? "not known" : "their place in the file";
}

/** Lets an editor have the rows ordered by other columns. */
export function RowOrder({ dataset, version }: { dataset: Dataset; version: Version }) {
  if (dataset.role === "viewer" || version.rows <= LEAF_ROWS) return null;
  return (
    <section aria-label="Order of rows">
      <Title order={2} size="h4" mt="lg" mb={4}>
        Order of rows
      </Title>
      <Text c="dimmed" size="sm" mb="sm" maw={720}>
        Pictures of the two columns that rows are ordered by are quick from the first moment on, however many
        rows there are.
      </Text>
      <OrderForm dataset={dataset} current={version.pair} />
    </section>
  );
}

function OrderForm({ dataset, current }: { dataset: Dataset; current: Pair | null }) {
  const { data = [] } = useQuery(columnsQuery(dataset.slug));
  const names = data.filter(canOrderRows).map(({ name }) => name);
  const [chosen, setChosen] = useState<Pair | null>(null);
  const wished = useWish(names);
  const navigate = useNavigate();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (pair: Pair) => orderRows(dataset.slug, pair),
    onSuccess: ({ id }) => navigate(`/datasets/new?${new URLSearchParams({ job: id, order: dataset.slug })}`),
  });
  const [x, y] = names;
  if (x === undefined || y === undefined) return null;
  const pair = chosen ?? wished ?? current ?? { x, y };
  const isNew = pair.x !== pair.y && (pair.x !== current?.x || pair.y !== current?.y);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate(pair);
      }}
    >
      <PairSelect names={names} value={pair} onChange={setChosen}>
        <Button type="submit" variant="default" size="xs" disabled={!isNew} loading={isPending}>
          Order rows by these axes
        </Button>
      </PairSelect>
      {error && <ErrorNotice error={error} />}
    </form>
  );
}

/** The axes that a link to this page names; null where it names none that can be chosen. */
function useWish(names: readonly string[]): Pair | null {
  const [params] = useSearchParams();
  const [x, y] = [params.get("x"), params.get("y")];
  return x !== null && y !== null && names.includes(x) && names.includes(y) ? { x, y } : null;
}
