/** The catalogue's REST resources: shapes and calls. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { type Column, readColumn } from "../../model/column.ts";
import type { Reading, ReadingWarning, Unreadable } from "../../model/reading.ts";
import { api } from "../../net/rest/api.ts";
import type { Pair } from "../../ui/PairSelect.tsx";

export type Role = "viewer" | "editor" | "owner";

export interface Version {
  version_id: string;
  number: number;
  rows: number;
  bytes: number;
  published_at: string;
  /** The columns that rows are ordered by; null for few rows, one axis, or where it is not known. */
  pair: Pair | null;
}

/** Cells that did not fit, by the name of their column. */
export type Unreadables = Readonly<Record<string, Unreadable>>;

export interface VersionReading {
  /** Empty for a version that was made before readings were kept. */
  reading: Reading | Record<string, never>;
  unreadable: Unreadables;
  warnings: ReadingWarning[];
}

export interface Dataset {
  id: string;
  slug: string;
  title: string;
  description: string;
  owner: { id: string; email: string; name: string };
  role: Role;
  /** The newest; null before the first import is published. */
  version: Version | null;
  created_at: string;
  updated_at: string;
}

export interface Permission {
  id: string;
  user: string | null;
  group: string | null;
  role: Role;
}

export interface Page<T> {
  results: T[];
  /** Address of the next page. */
  next: string | null;
}

/** The cursor in a page's `next`; undefined on the last page. */
export function cursorOf(next: string | null): string | undefined {
  return (next && new URL(next, window.location.href).searchParams.get("cursor")) || undefined;
}

export const datasetsQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: ["datasets", { search }],
    queryFn: ({ pageParam, signal }) =>
      api<Page<Dataset>>("/api/datasets/", { query: { search, cursor: pageParam }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => cursorOf(page.next),
  });

export const datasetQuery = (slug: string) =>
  queryOptions({
    queryKey: ["dataset", slug],
    queryFn: ({ signal }) => api<Dataset>(path(slug), { signal }),
  });

interface WireColumns {
  columns: unknown[];
  unreadable: Unreadables;
}

const columnsAnswer = (slug: string) => ({
  queryKey: ["dataset", slug, "columns"],
  queryFn: ({ signal }: { signal: AbortSignal }) => api<WireColumns>(path(slug, "columns"), { signal }),
});

const columnsOf = ({ columns }: WireColumns): Column[] => columns.map(readColumn);
const unreadableOf = ({ unreadable }: WireColumns): Unreadables => unreadable;

export const columnsQuery = (slug: string) => queryOptions({ ...columnsAnswer(slug), select: columnsOf });

/** The same answer as that of `columnsQuery`. */
export const unreadableQuery = (slug: string) =>
  queryOptions({ ...columnsAnswer(slug), select: unreadableOf });

export const versionsQuery = (slug: string) =>
  queryOptions({
    queryKey: ["dataset", slug, "versions"],
    queryFn: ({ signal }) => api<Version[]>(path(slug, "versions"), { signal }),
  });

/** How one version was read. */
export const versionQuery = (slug: string, id: string) =>
  queryOptions({
    queryKey: ["dataset", slug, "versions", id],
    queryFn: ({ signal }) =>
      api<VersionReading>(`${path(slug, "versions")}${encodeURIComponent(id)}/`, { signal }),
    // A version never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });

export const permissionsQuery = (slug: string) =>
  queryOptions({
    queryKey: ["dataset", slug, "permissions"],
    queryFn: ({ signal }) => api<Permission[]>(path(slug, "permissions"), { signal }),
  });

export function grantRole(slug: string, email: string, role: Role): Promise<Permission> {
  return api<Permission>(path(slug, "permissions"), { method: "POST", body: { user: email, role } });
}

export function removePermission(slug: string, id: string): Promise<void> {
  return api<void>(`${path(slug, "permissions")}${encodeURIComponent(id)}/`, { method: "DELETE" });
}

export function deleteDataset(slug: string): Promise<void> {
  return api<void>(path(slug), { method: "DELETE" });
}

/** Asks for a job that orders rows by these columns, as the next version; its id. */
export function orderRows(slug: string, pair: Pair): Promise<{ id: string }> {
  return api<{ id: string }>(path(slug, "index"), { method: "POST", body: pair });
}

/** Undoes a deletion of the last ten minutes. */
export function restoreDataset(slug: string): Promise<Dataset> {
  return api<Dataset>(path(slug, "restore"), { method: "POST", body: {} });
}

function path(slug: string, part = ""): string {
  return `/api/datasets/${encodeURIComponent(slug)}/${part && `${part}/`}`;
}
