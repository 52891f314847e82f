import { createHash } from "node:crypto";
import type { OpenTree } from "./open-tree.ts";

/** Files in which a project says its license, as GitHub and pkg.go.dev look for them. */
export const LICENSE_FILES = ["LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING"] as const;

/** Far longer than the longest known text. */
const MOST_BYTES = 64 * 1024;

/**
 * The SPDX identifier of the license that stands in the root of a tree. Nothing is guessed: the text is one that is known,
 * word by word, but for who has the copyright. A file with anything more, or several of them, say nothing here; nor do the
 * texts of the GPL, which do not tell whether later versions may be taken.
 */
export async function licenseOf(tree: OpenTree): Promise<string | undefined> {
  const entries = await tree.list(".");
  const found = [...(entries?.values() ?? [])].filter(({ name }) =>
    /^(?:licen[cs]e|copying)(?:$|[.-])/i.test(name),
  );
  const [file] = found;
  const isKnown = LICENSE_FILES.some((name) => name === file?.name);
  if (file?.kind !== "file" || !isKnown || found.length > 1 || file.size > MOST_BYTES) return undefined;
  return LICENSES.get(digestOf(await tree.text(file.name)));
}

/** Of the words of a license, without those that differ from project to project. */
function digestOf(text: string): string {
  const lines = text
    .toLowerCase()
    .split("\n")
    .filter((line) => !/^[^a-z©(]*(?:copyright\s*(?:\(c\)|©|\d)|\(c\)|©)/.test(line));
  const words = lines
    .join("\n")
    .replaceAll(/\ball rights reserved\b/g, "")
    .replaceAll("https:", "http:")
    .replaceAll(
      /neither the names? of [^,;]{0,200} nor the names of/g,
      "neither the name of nor the names of",
    )
    // In all scripts: a condition in another language is one more, too.
    .match(/\p{L}+/gu);
  const body = (words ?? []).join(" ").replace(TITLE, "").replace(APACHE_NOTICE, "");
  return createHash("sha256").update(body).digest("hex").slice(0, 32);
}

const TITLE =
  /^(?:the )?(?:mit license mit|mit license|mit|(?:new |modified |simplified )?bsd clause (?:new or revised |simplified )?license|bsd license|isc license isc|isc license|bsd zero clause license|zero clause bsd license) /;

/**
 * What follows the terms of Apache's license: how to apply it, and the notice for files. Exceptions from the license stand
 * there, too, and texts of other licenses, so that nothing else is passed over.
 */
const APACHE_NOTICE =
  / end of terms and conditions(?: appendix how to apply the apache license .{0,700} third party archives)?(?: copyright.{0,100})?(?: licensed under the apache license version the license you may not use this file .{0,400} permissions and limitations under the license)?$/;

/** The texts as projects have them; several are the same license with other words for its parties. */
const LICENSES: ReadonlyMap<string, string> = new Map([
  ["6fcc4c50449fdc0e7bc5e3e6607bafbc", "Apache-2.0"],
  ["0cf21bdfd1964a97a8615e1285348458", "MIT"],
  ["81161289345e8c19a8c34bcbbd076aae", "BSD-3-Clause"],
  ["1ab4b0d317c894ec237bc4ed27ffc5f4", "BSD-3-Clause"],
  ["166b76542fa6198d0664132b425263d6", "BSD-3-Clause"],
  ["2330901ef1abbccc1a55751ca19b94cf", "BSD-3-Clause"],
  ["0bb2ccd6c864bf6242f16bd34add8b32", "BSD-3-Clause"],
  ["986c3c3199a93b916c8f2e0aeed57819", "BSD-2-Clause"],
  ["7be8178e4e9d0dea6ff4b04bd52bd086", "BSD-2-Clause"],
  ["032f33a9fad178d38ba062bc5f6e47fd", "BSD-2-Clause"],
  ["217da0747cec63a2e734185db11cbaa8", "ISC"],
  ["8c734c5958a07daa5782be088c4b89f6", "MPL-2.0"],
  ["e366723506fc32986d4f55619de4bc27", "MPL-2.0"],
]);
