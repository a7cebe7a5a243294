import { Button, Code, Popover, Table, Text, UnstyledButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Exploration } from "../state/exploration.ts";
import classes from "./StatusPill.module.css";
import { QUIET_MS, type Status, statusOf, statusPart, type StatusPart } from "./status.ts";

const SIGNS: Readonly<Record<Status["kind"], string>> = {
  exact: "✓",
  approximate: "≈",
  refining: "◔",
  moving: "↔",
  stale: "↻",
  connecting: "…",
  reconnecting: "…",
  stalled: "⋯",
  offline: "⌀",
  refused: "∅",
  failed: "!",
};

/** The status of the picture, always in the same place; details on demand. */
export function StatusPill({ exploration }: { exploration: Exploration }) {
  const state = useStore(exploration.session.store, useShallow(statusPart));
  const status = useStatus(state);
  return (
    <Popover position="bottom-end" width={320} shadow="md" withArrow trapFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.pill ?? ""}
          data-status={status?.kind ?? "none"}
          aria-label={status ? `Status: ${status.label}. Show details` : "Status"}
        >
          {status && (
            <>
              <span aria-hidden="true">{SIGNS[status.kind]}</span> {status.label}
            </>
          )}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        {status && <Text size="sm">{status.detail}</Text>}
        {state.slower && (
          <Text size="sm" mt="xs">
            {state.slower}
          </Text>
        )}
        <Actions exploration={exploration} state={state} status={status} />
        {state.error?.requestId && (
          <Text size="xs" c="dimmed" mt="xs">
            {state.error.code} · <Code>{state.error.requestId}</Code>
          </Text>
        )}
        <Receipt state={state} info={() => window.halftone?.explore()?.renderer ?? {}} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Actions({
  exploration,
  state,
  status,
}: {
  exploration: Exploration;
  state: StatusPart;
  status: Status | null;
}) {
  const { session, connection } = exploration;
  const isWaiting =
    state.link.state === "stopped" || state.link.state === "waiting" || state.link.state === "offline";
  if (isWaiting) {
    return (
      <Button size="xs" mt="xs" variant="default" onClick={() => connection.retry()}>
        Connect now
      </Button>
    );
  }
  if (state.newVersion && status?.kind === "stale") {
    return (
      <Button size="xs" mt="xs" onClick={() => session.refresh()}>
        Show version {state.newVersion.number}
      </Button>
    );
  }
  if (state.error) {
    return (
      <Button size="xs" mt="xs" variant="default" onClick={() => session.retry()}>
        Try again
      </Button>
    );
  }
  return null;
}

function Receipt({ state, info }: { state: StatusPart; info: () => Record<string, unknown> }) {
  const receipt = state.picture?.receipt;
  // That of a sample says no more than the status.
  if (!receipt || state.picture?.status === "approximate") return null;
  const rows: [string, string][] = [
    ["Rows scanned", receipt.rowsScanned.toLocaleString("en")],
    ["Stored tiles read", receipt.tilesRead.toLocaleString("en")],
    ["Pieces", `${receipt.piecesTotal} (${receipt.piecesCached} from a cache)`],
    ...receipt.stages.map(({ name, ms }): [string, string] => [name, `${ms.toFixed(1)} ms`]),
    ["Made by", receipt.backend],
    ["Drawn by", String(info()["renderer"] ?? "")],
    ...(receipt.traceId ? ([["Trace", receipt.traceId]] as [string, string][]) : []),
  ];
  return (
    <Table mt="xs" fz="xs" verticalSpacing={2} withRowBorders={false}>
      <Table.Tbody>
        {rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th fw={500} className={classes.receiptName ?? ""}>
              {name}
            </Table.Th>
            <Table.Td className={classes.receiptValue ?? ""}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Short waits are not shown, so the status is computed again when one may have become long. */
function useStatus(state: StatusPart): Status | null {
  const { pending, link } = state;
  const [now, setNow] = useState(() => performance.now());
  const [linkSince, setLinkSince] = useState(now);
  useEffect(() => {
    setLinkSince(performance.now());
  }, [link.state]);
  useEffect(() => {
    setNow(performance.now());
    const timer = setTimeout(() => setNow(performance.now()), QUIET_MS + 10);
    return () => clearTimeout(timer);
  }, [pending?.since, link.state]);
  return statusOf(state, now, linkSince);
}
