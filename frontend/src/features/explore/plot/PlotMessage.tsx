import { Button } from "@mantine/core";
import { useStore } from "zustand";
import { ApiError } from "../../../net/rest/errors.ts";
import { ErrorNotice } from "../../../ui/ErrorNotice.tsx";
import classes from "../explore.module.css";
import type { Exploration } from "../state/exploration.ts";

/** No choice was made yet, and the server has none either. */
const NOTHING_TO_DRAW: ReadonlySet<string> = new Set(["param_invalid", "unsupported_type"]);

/** A message in place of the picture, when there is none. */
export function PlotMessage({ exploration, supported }: { exploration: Exploration; supported: boolean }) {
  const { session, connection } = exploration;
  const error = useStore(session.store, (state) => (state.picture ? null : state.error));
  const stopped = useStore(session.store, (state) =>
    !state.picture && state.link.state === "stopped" ? state.link.reason : "",
  );
  const options = useStore(session.store, (state) => state.options);
  if (!supported) {
    return (
      <div className={classes.message} role="alert">
        <h2>This browser cannot draw here</h2>
        <p>
          The picture needs WebGL2, which is off or missing in this browser. Turn on hardware acceleration, or
          open this address in a current Firefox, Chrome, Edge or Safari. Nothing is wrong with the data or
          the server.
        </p>
      </div>
    );
  }
  if (stopped) {
    return (
      <div className={classes.message} role="alert">
        <h2>Not connected</h2>
        <p>{stopped}</p>
        <Button size="xs" variant="default" onClick={() => connection.retry()}>
          Try again
        </Button>
      </div>
    );
  }
  if (!error) return null;
  if (NOTHING_TO_DRAW.has(error.code) && Object.keys(options).length === 0) {
    return <NothingToDraw reason={error.detail} />;
  }
  const known = new ApiError(error.code, error.detail, {
    status: 400,
    field: error.field,
    requestId: error.requestId,
  });
  return (
    <div className={classes.message}>
      <ErrorNotice error={known} onRetry={() => session.retry()} />
    </div>
  );
}

function NothingToDraw({ reason }: { reason: string }) {
  return (
    <div className={classes.message} role="status">
      <h2>There is nothing to draw</h2>
      <p>{reason}</p>
      <p>Import the file again to read a column as a number or a time.</p>
    </div>
  );
}
