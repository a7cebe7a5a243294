import { Alert, Anchor } from "@mantine/core";
import { Link } from "react-router";
import { useStore } from "zustand";
import classes from "./explore.module.css";
import { KindForm } from "./panels/KindForm.tsx";
import { Legend } from "./panels/Legend.tsx";
import { PlotNotes } from "./panels/PlotNotes.tsx";
import { RowOrderLink } from "./panels/RowOrderLink.tsx";
import { StatusPill } from "./panels/StatusPill.tsx";
import { PlotView } from "./plot/PlotView.tsx";
import { RowsPanel } from "./rows/RowsPanel.tsx";
import type { Exploration } from "./state/exploration.ts";
import { unplacedSentences } from "./state/unplaced.ts";
import type { Kinds } from "./state/schema.ts";
import { useExploration } from "./state/useExploration.ts";

/** Controls at the left, the picture at the right. */
export function Workbench({ slug, kinds }: { slug: string; kinds: Kinds }) {
  const exploration = useExploration(slug, kinds);
  if (!exploration) return null;
  return (
    <div className={classes.workbench}>
      <aside className={classes.panel} aria-label="Controls">
        <Heading slug={slug} exploration={exploration} />
        <KindForm exploration={exploration}>
          <RowOrderLink slug={slug} exploration={exploration} />
        </KindForm>
        <Legend exploration={exploration} />
      </aside>
      <section className={classes.stage} aria-label="Picture">
        <IgnoredKeys exploration={exploration} />
        <PlotView exploration={exploration} />
        <PlotNotes exploration={exploration} />
        <RowsPanel panel={exploration.rows} />
      </section>
    </div>
  );
}

function Heading({ slug, exploration }: { slug: string; exploration: Exploration }) {
  const version = useStore(exploration.session.store, (state) => state.version);
  return (
    <header className={classes.heading}>
      <div className={classes.headingLine}>
        <h1>
          <Anchor component={Link} to={`/d/${slug}`} inherit c="inherit">
            {slug}
          </Anchor>
        </h1>
        <StatusPill exploration={exploration} />
      </div>
      <p>{version ? `${version.rows.toLocaleString("en")} rows · version ${version.number}` : "\u00a0"}</p>
      <Unplaced exploration={exploration} />
    </header>
  );
}

/** Rows of the picture that have no place in it, whatever is in view. */
function Unplaced({ exploration }: { exploration: Exploration }) {
  const picture = useStore(exploration.session.store, (state) => state.picture);
  const columns = useStore(exploration.session.store, (state) => state.columns);
  if (!picture?.axes) return null;
  const { axes, quantity, receipt } = picture;
  const sentences = unplacedSentences({ unplaced: receipt?.unplaced ?? null, axes, quantity, columns });
  return sentences.map((text) => <p key={text}>{text}</p>);
}

function IgnoredKeys({ exploration }: { exploration: Exploration }) {
  const keys = useStore(exploration.ignored, (state) => state.keys);
  if (keys.length === 0) return null;
  return (
    <Alert
      className={classes.banner}
      color="yellow"
      variant="light"
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={() => exploration.ignored.setState({ keys: [] })}
    >
      Parts of this link could not be used and were left out: {keys.join(", ")}. The rest is shown.
    </Alert>
  );
}
