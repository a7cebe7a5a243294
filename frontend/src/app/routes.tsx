import type { ComponentType } from "react";
import { Navigate, type RouteObject } from "react-router";
import { NotFoundPage } from "./NotFoundPage.tsx";
import { RequireSession } from "./RequireSession.tsx";
import { RouteError } from "./RouteError.tsx";
import { type RouteHandle, Shell } from "./Shell.tsx";

// Each page has its own boundary, so that one broken page leaves header and navigation alive.
function page(path: string, load: () => Promise<ComponentType>, handle: RouteHandle = {}): RouteObject {
  return {
    path,
    handle,
    lazy: async () => ({ Component: await load() }),
    errorElement: <RouteError />,
    hydrateFallbackElement: <></>,
  };
}

const pages: RouteObject[] = [
  { index: true, element: <Navigate to="/datasets" replace /> },
  page("datasets", async () => (await import("../features/datasets/DatasetsPage.tsx")).DatasetsPage),
  page("datasets/new", async () => (await import("../features/imports/ImportPage.tsx")).ImportPage),
  page("d/:slug", async () => (await import("../features/datasets/DatasetPage.tsx")).DatasetPage),
  page("d/:slug/explore", async () => (await import("../features/explore/ExplorePage.tsx")).ExplorePage, {
    full: true,
  }),
  page("jobs", async () => (await import("../features/imports/jobs/JobsPage.tsx")).JobsPage),
  { path: "*", element: <NotFoundPage /> },
];

export const routes: RouteObject[] = [
  page("login", async () => (await import("../features/login/LoginPage.tsx")).LoginPage),
  {
    element: (
      <RequireSession>
        <Shell />
      </RequireSession>
    ),
    errorElement: <RouteError />,
    children: pages,
    hydrateFallbackElement: <></>,
  },
];
