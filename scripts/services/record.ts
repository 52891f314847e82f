import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../frontend-image/files.ts";

/** A program that told its version. */
export interface Told {
  readonly command: string;
  readonly output: readonly string[];
}

/** A question that a running service was asked. */
export interface Answered {
  readonly question: string;
  readonly answer: string;
}

/** The seconds of a build in which nothing of the service was compiled before. */
export interface ColdTime {
  readonly seconds: number;
  /** Of the longest step of each kind; some run side by side. */
  readonly steps: Readonly<Record<string, number>>;
  /** The standard library was compiled in this build (true), or was there from another service (false). */
  readonly standardLibrary: boolean;
  /** Load average of the machine when it began and when it ended, and its processors. */
  readonly load: readonly [number, number];
  readonly processors: number;
}

/** What was seen of a service: one row of docs/services.md. */
export interface Row {
  readonly day: string;
  /** Of what was built: versions of the modules, and the digest of the example. */
  readonly modules: readonly string[];
  readonly example: string;
  readonly goVersion: string;
  readonly image: Readonly<{ compressed: number; unpacked: number; layers: number; user: string }>;
  readonly told: readonly Told[];
  /** Undefined where it is not started. */
  readonly health: readonly Answered[] | undefined;
  /** Undefined where no build of it was cold. */
  readonly cold: ColdTime | undefined;
}

export type ServicesRecord = Readonly<Record<string, Row>>;

const file = join(repository, "docs", "services.json");

/** The rows of the services that were built, by name. */
export const readRecord = (): ServicesRecord =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ServicesRecord) : {};

/**
 * Puts one row into the record; the others stay. So does the cold time of the same modules, where this build was not cold.
 */
export function writeRow(name: string, row: Row): void {
  const record = readRecord();
  const before = record[name];
  const isSame = JSON.stringify(before?.modules) === JSON.stringify(row.modules);
  const cold = row.cold ?? (isSame ? before?.cold : undefined);
  const rows = Object.entries({ ...record, [name]: { ...row, cold } });
  const sorted = Object.fromEntries(rows.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(sorted, undefined, 2)}\n`);
}
