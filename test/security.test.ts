// SECURITY.md: what it names is there.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const text = readFileSync(join(root, "SECURITY.md"), "utf8");

/** Rows of the tables of threats: who, to whom, what holds, and the tests that show it. */
const rows = text
  .slice(text.indexOf("## The author of the description"))
  .split("\n")
  .flatMap((line) => {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const [, can, holds, shown] = cells;
    const isThreat = cells.length === 5 && can !== "" && !/^-+$|^can try$/.test(can ?? "");
    return isThreat ? [{ can: can ?? "", holds: holds ?? "", shown: shown ?? "" }] : [];
  });

/** `file`: “title” and further titles of the same file. */
const tests = rows.flatMap(({ shown }) =>
  [...shown.matchAll(/`(test\/[\w./-]+|src\/[\w./-]+_test\.go)`: ((?:“[^”]+”(?:, )?)+)/g)].flatMap(
    ([, file = "", titles = ""]) =>
      [...titles.matchAll(/“([^”]+)”/g)].map(([, title = ""]) => ({ file, title })),
  ),
);

describe("SECURITY.md", () => {
  test("says of each threat which test shows that it is met, or that it is not", () => {
    expect(rows.length).toBeGreaterThan(25);
    for (const { can, holds, shown } of rows) {
      const isMet = !holds.startsWith("**Not defended.**");
      expect([can, isMet ? shown : "`"]).toEqual([can, expect.stringContaining("`")]);
    }
  });

  test("names tests, by the form that is looked for", () => {
    const names = rows.flatMap(({ shown }) => [...shown.matchAll(/“/g)]);
    expect(tests).toHaveLength(names.length);
  });

  test.each(tests)("$file has “$title”", ({ file, title }) => {
    const path = join(root, file);
    expect(existsSync(path)).toBe(true);
    const source = readFileSync(path, "utf8");
    const quoted = ['"', "'", "`"].map((quote) => `${quote}${title}${quote}`);
    const isThere = file.endsWith(".go")
      ? source.includes(`func ${title}(`)
      : quoted.some((each) => source.includes(each));
    expect(isThere).toBe(true);
  });
});

test("every package of package-lock.json has a hash", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  const without = Object.entries(lock.packages).filter(
    ([path, { integrity }]) => path !== "" && integrity?.startsWith("sha512-") !== true,
  );
  expect(without.map(([path]) => path)).toEqual([]);
});
