import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useStore } from "zustand";
import { canOrderRows, type Column, LEAF_ROWS } from "../../../model/column.ts";
import type { ViewAxes, ViewAxis } from "../../../model/quantity.ts";
import { api } from "../../../net/rest/api.ts";
import type { Pair } from "../../../ui/PairSelect.tsx";
import classes from "../explore.module.css";
import type { Exploration } from "../state/exploration.ts";

/** A dataset of the catalogue, as far as it decides about the order of rows. */
interface Ordered {
  role: "viewer" | "editor" | "owner";
  version: { rows: number; pair: Pair | null } | null;
}

/** Leads an editor to where rows are ordered, with the axes on screen; says so where they have this order. */
export function RowOrderLink({ slug, exploration }: { slug: string; exploration: Exploration }) {
  const { store } = exploration.session;
  const axes = useStore(store, (state) => state.picture?.axes ?? null);
  const columns = useStore(store, (state) => state.columns);
  const { data } = useQuery({
    queryKey: ["dataset", slug],
    queryFn: ({ signal }) => api<Ordered>(`/api/datasets/${encodeURIComponent(slug)}/`, { signal }),
  });
  const pair = axes && pairOf(axes, columns);
  if (!pair || !data?.version || data.role === "viewer" || data.version.rows <= LEAF_ROWS) return null;
  const { pair: current } = data.version;
  if (pair.x === current?.x && pair.y === current.y)
    return <p className={classes.hint}>Rows are ordered by these axes.</p>;
  return (
    <Anchor component={Link} to={`/d/${slug}?${new URLSearchParams({ ...pair })}`} size="xs">
      Order rows by these axes
    </Anchor>
  );
}

/** Null where rows cannot be ordered by them. */
function pairOf({ x, y }: ViewAxes, columns: readonly Column[]): Pair | null {
  const canOrder = ({ column, transform }: ViewAxis) =>
    transform === "linear" && columns.some((each) => each.name === column && canOrderRows(each));
  return y && x.column !== y.column && canOrder(x) && canOrder(y) ? { x: x.column, y: y.column } : null;
}
