import { Container } from "@mantine/core";
import type { ReactNode } from "react";

/** The frame of every page that is text, tables and forms. */
export function Page({ children }: { children: ReactNode }) {
  return (
    <Container size={1120} py="lg" px="md">
      {children}
    </Container>
  );
}
