/** The formats that files are imported from, as the service names them. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "../../../net/rest/api.ts";

export interface FileFormat {
  title: string;
  /** Without the first dot: `csv`, `csv.gz`. */
  endings: string[];
}

export const formatsQuery = () =>
  queryOptions({
    queryKey: ["formats"],
    queryFn: async ({ signal }) => await api<FileFormat[]>("/api/formats/", { signal }),
    // They change with the server's release only.
    staleTime: Number.POSITIVE_INFINITY,
  });

/** For the file picker; undefined, every file, while no format is known. Browsers know only the last part of an ending. */
export function acceptOf(formats: readonly FileFormat[]): string | undefined {
  const endings = formats.flatMap((format) => format.endings.map((ending) => `.${ending.split(".").at(-1)}`));
  return endings.length > 0 ? [...new Set(endings)].join(",") : undefined;
}

/** Whether a name has an ending of a format; while none is known, the service judges. */
export function isAccepted(formats: readonly FileFormat[], name: string): boolean {
  const plain = name.toLowerCase();
  const endings = formats.flatMap((format) => format.endings);
  return endings.length === 0 || endings.some((ending) => plain.endsWith(`.${ending.toLowerCase()}`));
}

/** "flights_2024-jan.csv.gz" reads better as "Flights 2024 jan". */
export function titleOf(fileName: string, formats: readonly FileFormat[] = []): string {
  const endings = formats.flatMap((format) => format.endings).toSorted((a, b) => b.length - a.length);
  const plain = fileName.toLowerCase();
  const ending = endings.find((candidate) => plain.endsWith(`.${candidate.toLowerCase()}`));
  const stem = ending ? fileName.slice(0, -ending.length - 1) : fileName.replace(/\.[^.]*$/, "");
  const words = stem
    .replace(/[\s._-]+/g, " ")
    .trim()
    .slice(0, 128);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
