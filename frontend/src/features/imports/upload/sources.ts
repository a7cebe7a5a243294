/** Sources that the operator has opened: folders of the server, and prefixes in object storage. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "../../../net/rest/api.ts";
import type { Upload } from "./upload.ts";

export interface Source {
  name: string;
  kind: "folder" | "objects";
}

export interface Entry {
  name: string;
  /** Null: a folder. */
  bytes: number | null;
}

export interface Listing {
  path: string;
  entries: Entry[];
  /** Whether there are more than were listed. */
  more: boolean;
}

export const sourcesQuery = () =>
  queryOptions({
    queryKey: ["sources"],
    queryFn: ({ signal }) => api<Source[]>("/api/sources/", { signal }),
    staleTime: 60_000,
  });

export const listingQuery = (source: string, path: string) =>
  queryOptions({
    queryKey: ["sources", source, path],
    queryFn: ({ signal }) => api<Listing>(place(source), { query: { path }, signal }),
  });

/** An upload that refers to a file, or to the files of a folder as the parts of one table. */
export function refer(source: string, path: string): Promise<Upload> {
  return api<Upload>(place(source), { method: "POST", body: { path } });
}

/** The path of `name` in the folder `path`. */
export function below(path: string, name: string): string {
  return path ? `${path}/${name}` : name;
}

function place(source: string): string {
  return `/api/sources/${encodeURIComponent(source)}/`;
}
