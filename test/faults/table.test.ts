import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { faults } from "./faults.ts";
import { faultsFile, withRows } from "./table.ts";

const day = new Date("2026-11-29T03:00:00Z");
const document = "before\n\n<!-- made by npm run faults -->\n<!-- end -->\n\nafter\n";

describe("the table of faults", () => {
  const [first, second] = faults;
  if (first === undefined || second === undefined) throw new Error("there are no faults");

  test("has a row for each, with what was seen and when", () => {
    const text = withRows(
      document,
      [
        { fault: first, seen: "it held | twice" },
        { fault: second, failure: "a log" },
      ],
      day,
    );
    expect(text).toContain(`| ${first.promise} | it held \\| twice | 2026-11-29 |`);
    expect(text).toContain(`| ${second.promise} | **not as promised** | 2026-11-29 |`);
    expect(text).not.toContain("a log");
    expect(text.match(/not tried yet/g)).toHaveLength(faults.length - 2);
    expect([text.startsWith("before\n"), text.endsWith("\nafter\n")]).toEqual([true, true]);
  });

  test("keeps the rows of those that were not tried", () => {
    const text = withRows(document, [{ fault: first, seen: "it held" }], day);
    const next = withRows(text, [{ fault: second, seen: "so did this" }], day);
    expect(next).toContain("it held");
    expect(next).toContain("so did this");
  });

  test("names are told apart", () => {
    const names = faults.map(({ where, name }) => `${where}: ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test("in docs/faults.md is of the faults that there are, as promised", () => {
    const text = readFileSync(faultsFile, "utf8");
    expect(withRows(text, [], day)).toBe(text);
    expect(text).not.toContain("**not as promised**");
  });
});
