import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** Ink: a blue calm enough to stand beside any colour map. */
const ink: MantineColorsTuple = [
  "#eef2fb",
  "#dbe2f2",
  "#b4c3e5",
  "#8ba3d9",
  "#6886cf",
  "#5274c9",
  "#466bc7",
  "#385ab0",
  "#304f9e",
  "#24448c",
];

/** Greys with a little of the ink, from text (0) over the page (7) to wells (9). */
const dark: MantineColorsTuple = [
  "#d5d9e0",
  "#b7bdc8",
  "#949dab",
  "#6c7584",
  "#3a414d",
  "#2f3540",
  "#22272f",
  "#15181d",
  "#101317",
  "#0b0d10",
];

export const theme = createTheme({
  colors: { ink, dark },
  primaryColor: "ink",
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: "sm",
  autoContrast: true,
  respectReducedMotion: true,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SFMono-Regular', Menlo, Consolas, 'Liberation Mono', monospace",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "18px" },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "20px", lineHeight: "1.3" },
      h2: { fontSize: "16px", lineHeight: "1.4" },
      h3: { fontSize: "14px", lineHeight: "1.4" },
    },
  },
  components: {
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: "sm", fz: "sm" } },
    // A quiet tint with an edge, so that a message does not outshout the picture beside it.
    Alert: {
      defaultProps: { variant: "light" },
      vars: (_theme: unknown, { color = "ink" }: { color?: string }) => ({
        root: {
          "--alert-bg": `color-mix(in srgb, var(--mantine-color-${color}-filled) 7%, var(--mantine-color-body))`,
          "--alert-bd": `1px solid color-mix(in srgb, var(--mantine-color-${color}-filled) 35%, var(--mantine-color-body))`,
        },
      }),
    },
    Anchor: { defaultProps: { underline: "hover" } },
  },
});
