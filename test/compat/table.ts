import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../frontend-image/files.ts";
import { checks } from "./checks.ts";
import type { Outcome } from "./try.ts";

const begin = "<!-- made by npm run compat -->";
const end = "<!-- end -->";

/** Writes what was seen into docs/compatibility.md. */
export const writeTable = (outcomes: readonly Outcome[]): void => {
  const file = join(repository, "docs", "compatibility.md");
  const text = readFileSync(file, "utf8");
  const [before = "", after = ""] = [text.split(begin)[0], text.split(end)[1]];
  writeFileSync(file, `${before}${begin}\n\n${tableOf(outcomes)}\n${end}${after}`);
};

const tableOf = (outcomes: readonly Outcome[]): string => {
  const names = checks.map(({ name }) => name);
  const cell = ({ daemon, results }: Outcome, name: string): string => {
    const result = results.find((each) => each.name === name);
    if (result === undefined) {
      return checks.find((each) => each.name === name)?.concerns(daemon) === true ? "not tried" : "–";
    }
    return result.failure === undefined ? "yes" : "**no**";
  };
  return [
    `| daemon | ${names.join(" | ")} |`,
    `|${"---|".repeat(names.length + 1)}`,
    ...outcomes.map(
      (outcome) => `| ${[outcome.daemon.title, ...names.map((name) => cell(outcome, name))].join(" | ")} |`,
    ),
    "",
  ].join("\n");
};
