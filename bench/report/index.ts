import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Conditions } from "../conditions.ts";
import { buildkitDesigns } from "../designs/buildkit.ts";
import type { Sample } from "../types.ts";
import { frontPage } from "./front.ts";
import { goalsOf, type Goal } from "./goals.ts";
import { groupsOf, median, type Group } from "./stats.ts";
import { barChart } from "./svg.ts";
import { breakdownTable, bytes, caseTable, extraTable, table } from "./tables.ts";

/** All that a run has measured. */
export interface RunRecord {
  readonly conditions: Conditions;
  readonly scenarios: readonly Readonly<{ name: string; id: string; title: string }>[];
  readonly samples: readonly Sample[];
}

const isMeasured = ({ measured }: Goal): boolean => Number.isFinite(measured);

function goalRow(goal: Goal): readonly string[] {
  const { text, asked, measured, met, unit } = goal;
  if (!isMeasured(goal)) return [text, asked, "–", "not measured"];
  const value = unit === "%" ? `${measured.toFixed(0)} %` : `${measured.toFixed(2)}x`;
  return [text, asked, value, met === undefined ? "" : met ? "met" : "**missed**"];
}

function goalsText(groups: readonly Group[]): string {
  const head = ["goal", "asked", "measured", ""];
  const small = goalsOf(groups, "orders").filter(
    (goal) => isMeasured(goal) && !/^1[01] |^orders|^cgo/.test(goal.text),
  );
  return [
    table(head, goalsOf(groups, "svc").map(goalRow)),
    ...(small.length === 0
      ? []
      : [
          "The goals are set for svc. The same ratios on examples/orders, which has fewer dependencies to save:",
          table(head, small.map(goalRow)),
        ]),
  ].join("\n\n");
}

function conditionsText({ conditions, samples }: RunRecord): string {
  const loads = samples.flatMap((sample) => (sample.ok ? [sample.load] : []));
  const { tools, linkMegabits } = conditions;
  const link =
    linkMegabits === "loopback"
      ? "loopback, not slowed"
      : `${linkMegabits} Mbit/s each way, registry and module proxy each`;
  return table(
    ["condition", "value"],
    [
      ["date", conditions.date],
      [
        "machine",
        `${conditions.cores} cores (${conditions.cpu.replaceAll(/\s+/g, " ")}), ${conditions.memoryGiB} GiB, Linux ${conditions.kernel}`,
      ],
      [
        "load average before each build",
        `${Math.min(...loads).toFixed(1)} – ${Math.max(...loads).toFixed(1)} (median ${median(loads).toFixed(1)}); quiet is below ${conditions.cores}`,
      ],
      ["link", link],
      ["empty exec vertex", `${(conditions.emptyVertexSeconds * 1000).toFixed(0)} ms`],
      ["rounds, seed of the order", `${conditions.rounds}, ${conditions.seed}`],
      [
        "versions",
        `Go ${conditions.go.replace(/^go/, "")}, BuildKit ${tools["buildkitd"] ?? "?"}, runc ${conditions.runc}, distribution ${tools["registry"] ?? "?"}, ko ${tools["ko"] ?? "?"}, Node ${conditions.node} (client side)`,
      ],
      [
        "frontend images, compressed",
        `ours ${bytes(conditions.frontendImageBytes)}, docker/dockerfile ${bytes(conditions.dockerfileFrontendImageBytes)}`,
      ],
    ],
  );
}

const fileName = (group: Group): string =>
  `${group.scenario}-${group.subject}-${group.variant}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/-$/g, "");

const plot = (groups: readonly Group[], title: string): string =>
  barChart(
    title,
    "s",
    groups
      .filter(({ good }) => good.length > 0)
      .map(({ design, good }) => {
        const all = good.map((sample) => sample.seconds);
        return {
          label: design,
          value: median(all),
          min: Math.min(...all),
          max: Math.max(...all),
          highlight: design === "ours",
        };
      }),
  );

/** What BuildKit builds, other tools, and ours last. */
const order: readonly string[] = [
  ...buildkitDesigns.filter((design) => !design.startsWith("ours")),
  "ko cold",
  "ko",
  "go build",
  "ours before",
  "ours",
];

function caseSection(cases: readonly Group[], folder: string, title: string): string {
  const groups = cases.toSorted((a, b) => order.indexOf(a.design) - order.indexOf(b.design));
  const [first] = groups;
  if (first === undefined) return "";
  const name = `${fileName(first)}.svg`;
  writeFileSync(join(folder, name), plot(groups, `${title} — ${first.variant} (${first.subject})`));
  const ours = groups.find(({ design, good }) => design === "ours" && good.length > 0);
  const extra = extraTable(groups);
  return [
    `### ${first.variant} (${first.subject})`,
    caseTable(groups),
    ...(extra === undefined ? [] : [extra]),
    `![${first.variant}](${name})`,
    ...(ours === undefined
      ? []
      : [`<details><summary>Where ours spends its time</summary>\n\n${breakdownTable(ours)}\n\n</details>`]),
    ...groups.flatMap(({ design, failures }) =>
      failures.length === 0
        ? []
        : [`${design} failed ${failures.length} time${failures.length === 1 ? "" : "s"}.`],
    ),
  ].join("\n\n");
}

function scenarioSection(groups: readonly Group[], id: string, title: string, folder: string): string {
  const measured = groups.filter(({ scenario, variant }) => scenario === id && variant !== "preparation");
  if (measured.length === 0) return "";
  const cases = Map.groupBy(measured, ({ variant, subject }) => `${subject}\n${variant}`);
  const sections = [...cases.values()].map((ofCase) => caseSection(ofCase, folder, title));
  return [`## ${id}. ${title}`, ...sections].join("\n\n");
}

/** Raw samples for the committed file: vertices that took no time are left out, numbers are rounded. */
function compact(record: RunRecord): string {
  const samples = record.samples.map((sample) =>
    sample.ok ? { ...sample, vertices: sample.vertices.filter((vertex) => vertex.seconds >= 0.01) } : sample,
  );
  const text = JSON.stringify({ ...record, samples }, (_, value: unknown) =>
    typeof value === "number" ? Number(value.toFixed(4)) : value,
  );
  return `${text.replaceAll(/localhost:\d+/g, "REGISTRY").replaceAll('{"scenario":', '\n{"scenario":')}\n`;
}

/** Where the pages lie that are written by hand. */
const home = join(import.meta.dirname, "..", "..", "docs", "benchmarks");

/**
 * Writes the report of a run into a folder: README.md is its first page, scenarios.md holds every case, samples.json
 * what was measured, and each case has a plot. The pages that are written by hand, method.md and findings.md, are copied.
 */
export function writeReport(record: RunRecord, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const groups = groupsOf(record.samples);
  const ids = [...new Map(record.scenarios.map(({ id, title }) => [id, title]))];
  const sections = ids.map(([id, title]) => scenarioSection(groups, id, title, folder));
  const scenarios = [
    "# Goals and every scenario",
    "D0 is the layered Dockerfile, D1 the one with cache mounts, D2 go-chef style, D3 the best possible ([more](method.md)).",
    "## Conditions of this run",
    conditionsText(record),
    "## Goals",
    goalsText(groups),
    ...sections.filter((section) => section !== ""),
  ];
  const front = readFileSync(join(import.meta.dirname, "front.md"), "utf8");
  writeFileSync(join(folder, "README.md"), frontPage(front, groups, goalsOf(groups, "svc")));
  writeFileSync(join(folder, "scenarios.md"), `${scenarios.join("\n\n")}\n`);
  if (folder !== home) {
    for (const name of ["method.md", "findings.md"]) copyFileSync(join(home, name), join(folder, name));
  }
  writeFileSync(join(folder, "samples.json"), compact(record));
}
