import { Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { axisTypeOf } from "../../../model/column.ts";
import { lookupTable } from "../../../renderers/colours.ts";
import { valueText } from "../../../renderers/axes/ticks.ts";
import { formatCount } from "../../../ui/format.ts";
import type { Preview, Sketch } from "./preview.ts";
import { barCells, sketchHeight, sketchPixels } from "./sketch.ts";
import classes from "./preview.module.css";

/** A first picture of the sample, before anything is imported. */
export function SketchPicture({ preview, sketch }: { preview: Preview; sketch: Sketch }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const cells = sketch.y === null ? barCells(sketch) : sketch;
    const pixels = sketchPixels(cells, lookupTable("viridis", false));
    context.putImageData(new ImageData(pixels, cells.width, cells.height), 0, 0);
  }, [sketch]);
  const across = rangeWords(preview, sketch.x, sketch.x_min, sketch.x_max);
  const origin = originWords(preview);
  return (
    <figure className={classes.sketch}>
      <div className={classes.sketchPlot}>
        <span className={classes.up}>
          <b>{sketch.y ?? "Rows"}</b>{" "}
          {sketch.y !== null && rangeWords(preview, sketch.y, sketch.y_min ?? 0, sketch.y_max ?? 0)}
        </span>
        <canvas
          ref={canvas}
          width={sketch.width}
          height={sketchHeight(sketch)}
          role="img"
          aria-label={`Picture of ${sketch.y ?? "rows"} over ${sketch.x}, ${origin}`}
        />
        <span className={classes.across}>
          <b>{sketch.x}</b> {across}
        </span>
      </div>
      <Text component="figcaption" size="xs" c="dimmed">
        {origin}. {sketch.y !== null && "Brighter cells hold more rows. "}Explore shows every row.
      </Text>
    </figure>
  );
}

function originWords({ whole, sampled_rows }: Preview): string {
  const rows = formatCount(sampled_rows);
  return whole ? `Approximate, from all ${rows} rows` : `Approximate, from the first ${rows} rows`;
}

function rangeWords(preview: Preview, name: string, lo: number, hi: number): string {
  const column = preview.columns.find((candidate) => candidate.name === name);
  const step = (hi - lo) / 100;
  const type = column ? axisTypeOf(column) : "number";
  const unit = column?.unit && type === "number" ? ` ${column.unit}` : "";
  return `${valueText(type, lo, step)} to ${valueText(type, hi, step)}${unit}`;
}
