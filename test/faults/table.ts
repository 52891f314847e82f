import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../frontend-image/files.ts";
import { type FaultCase, faults } from "./faults.ts";

export type Outcome =
  | { readonly fault: FaultCase; readonly seen: string }
  | { readonly fault: FaultCase; readonly failure: string };

const begin = "<!-- made by npm run faults -->";
const end = "<!-- end -->";

export const faultsFile: string = join(repository, "docs", "faults.md");

/** Writes what was seen into docs/faults.md: rows of faults that were not tried stay. */
export function writeTable(outcomes: readonly Outcome[]): void {
  writeFileSync(faultsFile, withRows(readFileSync(faultsFile, "utf8"), outcomes, new Date()));
}

/** @param day when they were tried */
export function withRows(document: string, outcomes: readonly Outcome[], day: Date): string {
  const [before = "", rest = ""] = document.split(begin);
  const [table = "", after = ""] = rest.split(end);
  const known = table.split("\n");
  const rows = faults.map((fault) => {
    const outcome = outcomes.find((tried) => tried.fault === fault);
    if (outcome !== undefined) return row([...head(fault), seenIn(outcome), day.toISOString().slice(0, 10)]);
    const start = `${row(head(fault)).slice(0, -1)}|`;
    return known.find((line) => line.startsWith(start)) ?? row([...head(fault), "not tried yet", ""]);
  });
  const lines = [
    row(["where", "what goes wrong", "what is promised", "what was seen", "on"]),
    "|---|---|---|---|---|",
    ...rows,
  ];
  return `${before}${begin}\n\n${lines.join("\n")}\n\n${end}${after}`;
}

const head = ({ where, name, promise }: FaultCase): readonly string[] => [where, name, promise];

const seenIn = (outcome: Outcome): string => ("seen" in outcome ? outcome.seen : "**not as promised**");

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
