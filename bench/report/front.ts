import { finder, secondsOf, type Group } from "./stats.ts";
import { table } from "./tables.ts";
import type { Goal } from "./goals.ts";

/** A row of the first page: what happens, and in which scenario it is measured. */
interface Situation {
  readonly words: string;
  readonly scenario: string;
  readonly variant: string;
  readonly subject?: string;
}

const situations: readonly Situation[] = [
  { words: "edit in main, empty builder, registry cache", scenario: "3", variant: "import only" },
  { words: "the same, coredns (1,062 packages)", scenario: "3", variant: "import only", subject: "coredns" },
  {
    words: "new version of a leaf module, empty builder, registry cache",
    scenario: "5",
    variant: "leaf module (bbolt)",
  },
  {
    words: "one of ten services in 60,000 files changed, empty builder, registry cache",
    scenario: "10",
    variant: "empty builder, registry cache, this service changed",
    subject: "monorepo",
  },
  {
    words: "first build, nothing cached, cache exported",
    scenario: "1",
    variant: "with cache export",
  },
  { words: "edit in main, warm builder", scenario: "8", variant: "edit in main" },
  { words: "nothing changed, warm builder", scenario: "8", variant: "no change" },
];

/** Designs of the first page by their names there. */
const designs = [
  ["layered", "D0"],
  ["cache mounts", "D1"],
  ["go-chef", "D2"],
  ["best possible", "D3"],
  ["ours", "ours"],
] as const;

const shown = (value: number): string =>
  Number.isFinite(value) ? (value < 10 ? value.toFixed(1) : value.toFixed(0)) : "–";

/** The first page's table: a row a situation, a column a design, the fastest in bold. */
function situationsTable(groups: readonly Group[]): string {
  const find = finder(groups, "svc");
  return table(
    ["seconds", ...designs.map(([name]) => name)],
    situations.map(({ words, scenario, variant, subject }) => {
      const times = designs.map(([, design]) => secondsOf(find(scenario, variant, design, subject)));
      const least = Math.min(...times.filter(Number.isFinite));
      return [words, ...times.map((time) => (time === least ? `**${shown(time)}**` : shown(time)))];
    }),
  );
}

const plots = [
  ["an edit on an empty builder", "3-svc-import-only.svg"],
  ["a first build", "1-svc-with-cache-export.svg"],
  ["an edit on a warm builder", "8-svc-edit-in-main.svg"],
] as const;

/**
 * Fills the first page of the report.
 *
 * @param text the page, with `{{table}}`, `{{plots}}` and `{{missed:GOAL}}`
 * @throws Error when it names a goal that is not there or that is met
 */
export const frontPage = (text: string, groups: readonly Group[], goals: readonly Goal[]): string =>
  text
    .replace("{{table}}", situationsTable(groups))
    .replace("{{plots}}", plots.map(([title, file]) => `![${title}](${file})`).join("\n\n"))
    .replaceAll(/\{\{missed:(.*?)\}\}/g, (_, name: string) => {
      const goal = goals.find((candidate) => candidate.text === name);
      if (goal === undefined || !Number.isFinite(goal.measured)) return "not measured";
      if (goal.met !== false) throw new Error(`the first page calls a goal missed that is met: ${name}`);
      return `${goal.measured.toFixed(2)}x`;
    });
