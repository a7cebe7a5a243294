import "@testing-library/jest-dom/vitest";
import { configure } from "@testing-library/react";

// Tests wait for what must come, however busy the machine is; only a failure takes this long.
configure({ asyncUtilTimeout: 30_000 });
