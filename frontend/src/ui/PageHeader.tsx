import { Group, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./PageHeader.module.css";

interface Props {
  title: ReactNode;
  below?: ReactNode;
  /** Buttons at the right end. */
  children?: ReactNode;
}

export function PageHeader({ title, below, children }: Props) {
  return (
    <div className={classes.header}>
      <div className={classes.words}>
        <Title order={1}>{title}</Title>
        {below}
      </div>
      <Group gap="xs">{children}</Group>
    </div>
  );
}
