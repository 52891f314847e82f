// Licenses as packages have them; what a package says of itself has the last word on its text.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { licenseOf } from "../../src/facts/index.ts";
import { openFiles } from "./memory-tree.ts";

const root = join(import.meta.dirname, "..", "..");
const modules = join(root, "node_modules");

/** Packages with a LICENSE file, and the license that their package.json names. */
const packages = readdirSync(modules)
  .flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((below) => `${name}/${below}`) : [name],
  )
  .flatMap((name): readonly (readonly [name: string, says: string, text: string])[] => {
    const [file, license] = ["package.json", "LICENSE"].map((path) => join(modules, name, path));
    if (file === undefined || license === undefined || !existsSync(file) || !existsSync(license)) return [];
    const { license: says } = JSON.parse(readFileSync(file, "utf8")) as { readonly license?: unknown };
    return typeof says === "string" ? [[name, says, readFileSync(license, "utf8")]] : [];
  });

const licenseIn = (text: string, name = "LICENSE"): Promise<string | undefined> =>
  licenseOf(openFiles({ [name]: text }));

test("is what packages say of themselves, or is not told", async () => {
  const found = await Promise.all(
    packages.map(async ([name, says, text]) => ({ name, says, ours: await licenseIn(text) })),
  );
  const told = found.filter(({ ours }) => ours !== undefined);
  expect(told.filter(({ says, ours }) => says !== ours)).toEqual([]);
  // Most are told, of each license that is known.
  expect(told.length).toBeGreaterThan(found.length * 0.7);
  expect([...new Set(told.map(({ ours }) => ours))]).toEqual(
    expect.arrayContaining(["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"]),
  );
});

describe("a text", () => {
  const apache = readFileSync(join(root, "LICENSE"), "utf8");
  const mit = packages.find(([name]) => name === "zod")?.[2] ?? expect.fail("no MIT license");

  test("that is known, in any form of its name, with other copyrights and line ends", async () => {
    expect(await licenseIn(apache)).toBe("Apache-2.0");
    expect(await licenseIn(apache.replace(/(?<=END OF TERMS AND CONDITIONS)[^]*/, "\n"))).toBe("Apache-2.0");
    expect(await licenseIn(apache.replace(/ +APPENDIX[^]*(?= +Copyright \[)/, ""))).toBe("Apache-2.0");
    expect(await licenseIn(mit.replaceAll("\n", "\r\n"), "LICENSE.txt")).toBe("MIT");
    expect(
      await licenseIn(
        mit.replace(/^Copyright.*$/m, "Copyright (c) 2026 Somebody\nCopyright 2025 Others"),
        "COPYING",
      ),
    ).toBe("MIT");
  });

  test.each<[string, Parameters<typeof openFiles>[0]]>([
    ["with a condition more", { LICENSE: `${mit}\nThe Software may not be sold.\n` }],
    ["with a condition more in another script", { LICENSE: `${mit}\n不得出售本软件。\n` }],
    [
      "with an exception behind its end",
      { LICENSE: `${apache}\n---- Exceptions ----\n\nAs an exception, you may redistribute it.\n` },
    ],
    [
      "with another behind its end, in place of the notice",
      { LICENSE: `${apache.replace(/(?<=END OF TERMS AND CONDITIONS)[^]*/, "")}\n\n${mit}` },
    ],
    ["with a word less", { LICENSE: mit.replace("free of charge, ", "") }],
    ["of two licenses", { LICENSE: `${mit}\n${apache}` }],
    ["beside another", { LICENSE: mit, "LICENSE-APACHE": apache }],
    ["beside another in small letters", { LICENSE: mit, "copying.lesser": "" }],
    ["that is empty", { LICENSE: "" }],
    ["that is too long to be read", { LICENSE: mit + " ".repeat(70_000) }],
    ["behind a link", { LICENSE: { link: "x" }, x: mit }],
    ["below the root", { "docs/LICENSE": mit }],
  ])("%s says nothing", async (_, files) => {
    expect(await licenseOf(openFiles(files))).toBeUndefined();
  });
});
