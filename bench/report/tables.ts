import { median, medianOf, secondsOf, type Group } from "./stats.ts";

export const seconds = (value: number): string =>
  Number.isFinite(value) ? `${value.toFixed(value < 10 ? 2 : 1)} s` : "–";

export function bytes(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value < 100_000) return `${(value / 1e3).toFixed(value < 1000 ? 2 : 1)} kB`;
  return `${(value / 1e6).toFixed(value < 10e6 ? 2 : 1)} MB`;
}

const cells = (values: readonly string[]): string => `| ${values.join(" | ")} |`;

/** A Markdown table. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [cells(head), cells(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(cells)].join("\n");

function compiledText(group: Group): string {
  const part = (pick: "firstParty" | "thirdParty" | "std"): string =>
    String(median(group.good.map((sample) => sample.compiled[pick])));
  return `${part("firstParty")} + ${part("thirdParty")} + ${part("std")}`;
}

const columns = [
  "design",
  "n",
  "median",
  "min – max",
  "/ ours",
  "CPU",
  "compiled",
  "pulled",
  "pushed",
  "modules",
  "context",
];

/** One case's table: a row a design. */
export function caseTable(groups: readonly Group[]): string {
  const ours = secondsOf(groups.find(({ design }) => design === "ours"));
  const rows = groups.map((group): readonly string[] => {
    if (group.good.length === 0) return [group.design, "0", "failed", ...columns.slice(3).map(() => "")];
    const all = group.good.map((sample) => sample.seconds);
    const value = median(all);
    return [
      group.design === "ours" ? "**ours**" : group.design,
      String(group.good.length),
      seconds(value),
      `${seconds(Math.min(...all))} – ${seconds(Math.max(...all))}`,
      Number.isFinite(ours) ? `${(value / ours).toFixed(2)}x` : "–",
      seconds(medianOf(group, (sample) => sample.cpuSeconds)),
      compiledText(group),
      bytes(medianOf(group, (sample) => sample.pulledBytes)),
      bytes(medianOf(group, (sample) => sample.pushedBytes)),
      bytes(medianOf(group, (sample) => sample.moduleBytes)),
      bytes(medianOf(group, (sample) => sample.contextBytes)),
    ];
  });
  return table(columns, rows);
}

/** Sizes of the exported caches and second transfers, where a case has them. */
export function extraTable(groups: readonly Group[]): string | undefined {
  const some = (pick: "exportedBytes" | "againSeconds"): boolean =>
    groups.some(({ good }) => good.some((sample) => sample[pick] !== undefined));
  if (some("exportedBytes")) {
    return table(
      ["design", "exported cache, all blobs"],
      groups.map((group) => [group.design, bytes(medianOf(group, (sample) => sample.exportedBytes))]),
    );
  }
  if (!some("againSeconds")) return undefined;
  return table(
    ["design", "after one file has changed", "context"],
    groups.map((group) => [
      group.design,
      seconds(medianOf(group, (sample) => sample.againSeconds)),
      bytes(medianOf(group, (sample) => sample.againContextBytes)),
    ]),
  );
}

const shown = 9;

const shorten = (name: string): string =>
  name
    .replaceAll(/\s+/g, " ")
    .replaceAll("|", "\\|")
    .replaceAll(/localhost:\d+/g, "REGISTRY")
    .slice(0, 90);

/** The vertices in which a case's designs spend most time; they overlap, so they do not add up. */
export function breakdownTable(group: Group): string {
  const names = [...new Set(group.good.flatMap((sample) => sample.vertices.map(({ name }) => name)))];
  const rows = names
    .map((name) => ({
      name,
      time: median(
        group.good.map((sample) =>
          sample.vertices
            .filter((vertex) => vertex.name === name)
            .reduce((sum, vertex) => sum + vertex.seconds, 0),
        ),
      ),
      cached: group.good.every((sample) =>
        sample.vertices.some((vertex) => vertex.name === name && vertex.cached),
      ),
    }))
    .filter(({ time }) => time >= 0.01)
    .sort((a, b) => b.time - a.time)
    .slice(0, shown);
  return table(
    ["step", "median", ""],
    rows.map(({ name, time, cached }) => [shorten(name), seconds(time), cached ? "cached" : ""]),
  );
}
