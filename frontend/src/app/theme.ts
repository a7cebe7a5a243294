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

export const theme = createTheme({
  colors: { ink },
  primaryColor: "ink",
  primaryShade: { light: 7, dark: 5 },
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
    Anchor: { defaultProps: { underline: "hover" } },
  },
});
