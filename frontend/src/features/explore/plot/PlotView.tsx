import { ActionIcon, Tooltip } from "@mantine/core";
import {
  IconListNumbers,
  IconMinus,
  IconPlus,
  IconTable,
  IconZoomReset,
  IconZoomScan,
} from "@tabler/icons-react";
import { useState } from "react";
import { useStore } from "zustand";
import classes from "../explore.module.css";
import { FiguresPanel } from "../figures/FiguresPanel.tsx";
import type { Exploration } from "../state/exploration.ts";
import { useSummary } from "../state/useSummary.ts";
import { PlotMessage } from "./PlotMessage.tsx";
import { usePlot } from "./usePlot.ts";

const INSTRUCTIONS =
  "Plus and minus zoom, arrow keys pan, with Shift by half a plot, r or Home goes back to the start, Escape cancels a gesture. " +
  "h turns on a crosshair that arrow keys move from cell to cell, with Shift by ten, and that reads out its cell; Enter opens the rows of the cell, Escape closes them. t opens all rows in view. " +
  "z starts a box at the crosshair or the centre: arrow keys move one corner, with Shift further, z again takes the " +
  "opposite corner, Enter zooms to the box, Escape takes it back.";

/** Axes, canvas, tools and read-out. A kind with another renderer gets another canvas. */
export function PlotView({ exploration }: { exploration: Exploration }) {
  const kind = useStore(exploration.session.store, (state) => state.picture?.kind ?? state.kind);
  const renderer = exploration.rendererOf(kind);
  const [isTable, setTable] = useState(false);
  const table = renderer === "lines" ? { isOn: isTable, turn: setTable } : null;
  return (
    <>
      <Surface key={renderer} exploration={exploration} renderer={renderer} table={table} />
      <Readout exploration={exploration} />
      {table?.isOn && (
        <FiguresPanel
          exploration={exploration}
          onClose={() => {
            setTable(false);
            document.querySelector<HTMLElement>("[data-part='area']")?.focus();
          }}
        />
      )}
    </>
  );
}

/** Whether the numbers of the picture are shown as a table too. */
interface TableSwitch {
  readonly isOn: boolean;
  readonly turn: (on: boolean) => void;
}

interface SurfaceProps {
  readonly exploration: Exploration;
  readonly renderer: string;
  /** Null: this picture has no such table. */
  readonly table: TableSwitch | null;
}

function Surface({ exploration, renderer, table }: SurfaceProps) {
  const [boxTool, setBoxTool] = useState(false);
  const { ref, press, supported } = usePlot(exploration, renderer, boxTool, () => setBoxTool(false));
  return (
    <div ref={ref} className={classes.plot}>
      <svg data-part="y" className={classes.yAxis} aria-hidden="true" />
      <div
        data-part="area"
        className={classes.area}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the plot takes keys
        tabIndex={0}
        role="application"
        aria-label="Interactive plot"
        aria-describedby="plot-instructions plot-summary"
        data-boxing={boxTool || undefined}
      >
        <canvas data-part="canvas" className={classes.canvas} aria-hidden="true" />
        <div data-part="cross" className={classes.cross} />
        <div data-part="box" className={classes.box} />
        <PlotMessage exploration={exploration} supported={supported} />
      </div>
      <svg data-part="x" className={classes.xAxis} aria-hidden="true" />
      <Tools press={press} boxTool={boxTool} setBoxTool={setBoxTool} table={table} />
      <p id="plot-instructions" className="visually-hidden">
        {INSTRUCTIONS}
      </p>
    </div>
  );
}

interface ToolsProps {
  press: (key: string) => void;
  boxTool: boolean;
  setBoxTool: (on: boolean) => void;
  table: TableSwitch | null;
}

function Tools({ press, boxTool, setBoxTool, table }: ToolsProps) {
  const tools = [
    { label: "Zoom in (+)", icon: <IconPlus size={16} />, run: () => press("+") },
    { label: "Zoom out (−)", icon: <IconMinus size={16} />, run: () => press("-") },
    { label: "Rows in view (t)", icon: <IconTable size={16} />, run: () => press("t") },
    { label: "Back to the start (r)", icon: <IconZoomReset size={16} />, run: () => press("r") },
  ];
  return (
    <div className={classes.tools} role="toolbar" aria-label="Plot tools">
      <Tooltip label="Zoom to a box (Shift+drag, or z in the plot)" position="left">
        <ActionIcon
          variant={boxTool ? "filled" : "default"}
          aria-label="Zoom to a box"
          aria-pressed={boxTool}
          onClick={() => setBoxTool(!boxTool)}
        >
          <IconZoomScan size={16} />
        </ActionIcon>
      </Tooltip>
      {tools.map(({ label, icon, run }) => (
        <Tooltip key={label} label={label} position="left">
          <ActionIcon variant="default" aria-label={label} onClick={run}>
            {icon}
          </ActionIcon>
        </Tooltip>
      ))}
      {table && (
        <Tooltip label="Numbers as a table" position="left">
          <ActionIcon
            variant={table.isOn ? "filled" : "default"}
            aria-label="Numbers as a table"
            aria-pressed={table.isOn}
            onClick={() => table.turn(!table.isOn)}
          >
            <IconListNumbers size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  );
}

/** The read-out of the cell under the pointer; without a pointer, the summary of the picture. */
function Readout({ exploration }: { exploration: Exploration }) {
  const text = useStore(exploration.probe, (state) => state.text);
  const spoken = useStore(exploration.probe, (state) => state.spoken);
  const summary = useSummary(exploration);
  return (
    <div className={classes.readout}>
      <p id="plot-summary" aria-live="polite" className={text ? "visually-hidden" : undefined}>
        {summary || "\u00a0"}
      </p>
      <p className="visually-hidden" role="status">
        {spoken}
      </p>
      {text && (
        <p aria-hidden="true">
          <span>
            <b>x</b> {text.x}
          </span>
          {text.y && (
            <span>
              <b>y</b> {text.y}
            </span>
          )}
          <span className={classes.readoutValue}>{text.value}</span>
        </p>
      )}
    </div>
  );
}
