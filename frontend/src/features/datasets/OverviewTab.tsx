import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { formatAge, formatBytes, formatCount, formatDateTime } from "../../ui/format.ts";
import type { ColumnType } from "../../model/column.ts";
import { columnsQuery, type Dataset } from "./catalogue.ts";
import { orderWords, RowOrder } from "./RowOrder.tsx";
import classes from "./OverviewTab.module.css";

export function OverviewTab({ dataset }: { dataset: Dataset }) {
  const { version } = dataset;
  if (!version) {
    return (
      <EmptyState title="No data yet">
        The first import has not been published. See how far it is under <Link to="/jobs">Jobs</Link>.
      </EmptyState>
    );
  }
  return (
    <>
      <dl className={classes.figures}>
        <Figure label="Rows" value={formatCount(version.rows)} />
        <ColumnFigure slug={dataset.slug} />
        <Figure label="Stored size" value={formatBytes(version.bytes)} />
        <Figure label="Version" value={formatCount(version.number)} />
      </dl>
      <ColumnKinds slug={dataset.slug} />
      <dl className={classes.facts}>
        <Fact
          label="Published"
          value={`${formatDateTime(version.published_at)} (${formatAge(version.published_at)})`}
        />
        <Fact label="Created" value={formatDateTime(dataset.created_at)} />
        <Fact label="Owner" value={dataset.owner.name || dataset.owner.email} />
        <Fact label="Rows are ordered by" value={orderWords(version)} />
      </dl>
      <RowOrder dataset={dataset} version={version} />
    </>
  );
}

const KINDS: Record<ColumnType, { one: string; many: string }> = {
  number: { one: "number", many: "numbers" },
  time: { one: "time", many: "times" },
  category: { one: "category", many: "categories" },
  text: { one: "text, which is kept but not drawn", many: "texts, which are kept but not drawn" },
};

function ColumnKinds({ slug }: { slug: string }) {
  const { data } = useQuery(columnsQuery(slug));
  if (!data) return null;
  const parts = Object.entries(KINDS).flatMap(([type, { one, many }]) => {
    const count = data.filter((column) => column.type === type).length;
    return count > 0 ? [`${count} ${count === 1 ? one : many}`] : [];
  });
  return (
    <Text c="dimmed" size="sm" mb="md">
      {parts.join(" · ")}
    </Text>
  );
}

function ColumnFigure({ slug }: { slug: string }) {
  const { data } = useQuery(columnsQuery(slug));
  return <Figure label="Columns" value={data ? formatCount(data.length) : "…"} />;
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div className={classes.figure}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </>
  );
}
