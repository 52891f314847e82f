import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../frontend-image/files.ts";
import { checks } from "./checks.ts";
import { type Daemon, daemons } from "./daemons.ts";
import type { Outcome } from "./try.ts";

const begin = "<!-- made by npm run compat -->";
const end = "<!-- end -->";

/** Writes what was seen into docs/compatibility.md: rows of daemons that were not tried stay. */
export function writeTable(outcomes: readonly Outcome[]): void {
  const file = join(repository, "docs", "compatibility.md");
  writeFileSync(file, withRows(readFileSync(file, "utf8"), outcomes, new Date()));
}

/**
 * The document with these rows in its table. Rows of the table that was there stay, unless that one was of other checks.
 *
 * @param day when they were tried
 */
export function withRows(document: string, outcomes: readonly Outcome[], day: Date): string {
  const [before = "", rest = ""] = document.split(begin);
  const [table = "", after = ""] = rest.split(end);
  const known = table.includes(header) ? table.split("\n") : [];
  const rowFor = (daemon: Daemon): string => {
    const outcome = outcomes.find((tried) => tried.daemon.name === daemon.name);
    if (outcome !== undefined) return rowOf(outcome, day);
    return known.find((line) => line.startsWith(`| ${daemon.title} |`)) ?? untried(daemon);
  };
  const lines = [header, `|${"---|".repeat(checks.length + 2)}`, ...daemons.map(rowFor)];
  return `${before}${begin}\n\n${lines.join("\n")}\n\n${end}${after}`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const header = row(["daemon", ...checks.map(({ name }) => name), "tried on"]);

const rowOf = ({ daemon, results }: Outcome, day: Date): string =>
  row([
    daemon.title,
    ...checks.map((check) => {
      const result = results.find(({ name }) => name === check.name);
      if (result === undefined) return check.concerns(daemon) ? "" : "–";
      return result.failure === undefined ? "yes" : "**no**";
    }),
    day.toISOString().slice(0, 10),
  ]);

const untried = (daemon: Daemon): string => row([daemon.title, ...checks.map(() => ""), "not yet"]);
