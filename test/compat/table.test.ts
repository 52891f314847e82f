import { describe, expect, test } from "vitest";
import { checks } from "./checks.ts";
import { daemonOf, daemons } from "./daemons.ts";
import { withRows } from "./table.ts";
import type { Outcome } from "./try.ts";

const day = new Date("2026-11-28T23:59:00Z");
const document = "before\n\n<!-- made by npm run compat -->\n<!-- end -->\n\nafter\n";

function outcome(name: string, failing: readonly string[] = []): Outcome {
  const daemon = daemonOf(name);
  return {
    daemon,
    results: checks
      .filter(({ concerns }) => concerns(daemon))
      .map((check) => ({
        name: check.name,
        failure: failing.includes(check.name) ? "seen" : undefined,
        seconds: 1,
      })),
  };
}

const rowOf = (text: string, name: string): readonly string[] =>
  text
    .split("\n")
    .find((line) => line.startsWith(`| ${daemonOf(name).title} |`))
    ?.split("|")
    .slice(1, -1)
    .map((cell) => cell.trim()) ?? [];

describe("the table of daemons", () => {
  test("has a row for each daemon, and what stands around it stays", () => {
    const text = withRows(document, [outcome("buildkitd-0.13.2")], day);
    expect(text.startsWith("before\n\n")).toBe(true);
    expect(text.endsWith("\n\nafter\n")).toBe(true);
    expect(text.split("\n").filter((line) => line.startsWith("| "))).toHaveLength(daemons.length + 1);
    expect(rowOf(text, "buildkitd-0.13.2").slice(1)).toEqual([...checks.map(() => "yes"), "2026-11-28"]);
    expect(rowOf(text, "docker-20.10-classic").at(-1)).toBe("not yet");
  });

  test("keeps rows of daemons that were not tried, and says what failed and what does not concern one", () => {
    const first = withRows(document, [outcome("buildkitd-0.13.2")], day);
    const second = withRows(first, [outcome("docker-20.10-classic", ["a base"])], new Date("2027-01-02"));
    expect(rowOf(second, "buildkitd-0.13.2")).toEqual(rowOf(first, "buildkitd-0.13.2"));
    const cells = rowOf(second, "docker-20.10-classic");
    const cellOf = (name: string): string | undefined =>
      cells[checks.findIndex((check) => check.name === name) + 1];
    expect([cellOf("a base"), cellOf("two platforms"), cellOf("two services")]).toEqual([
      "**no**",
      "–",
      "yes",
    ]);
    expect(cells.at(-1)).toBe("2027-01-02");
  });

  test("keeps no row of a table with other checks", () => {
    const old = document.replace(
      "<!-- end -->",
      `| daemon | errors |\n|---|---|\n| buildkitd 0.13.2 | yes |\n<!-- end -->`,
    );
    expect(rowOf(withRows(old, [], day), "buildkitd-0.13.2").at(-1)).toBe("not yet");
  });
});
