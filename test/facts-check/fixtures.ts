import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fixtures, type Fixture } from "../facts/fixtures/index.ts";
import { checkedPlatforms } from "./check.ts";
import { askGo, type Comparable, type Configuration } from "./oracle.ts";

/** What Go said about a fixture, and for which configurations; committed, so that unit tests need no Go. */
export type Golden = readonly {
  readonly configurations: readonly Configuration[];
  readonly go: Comparable;
}[];

export function configurationsOf(fixture: Fixture): readonly Configuration[] {
  const platforms = fixture.platforms ?? checkedPlatforms;
  const tagSets = fixture.tags === undefined ? [[]] : [[], fixture.tags];
  return [false, true].flatMap((cgo) =>
    tagSets.flatMap((tags) => platforms.map((platform) => ({ platform, tags, cgo }))),
  );
}

export function goldenPath(fixture: Fixture): string {
  return join(import.meta.dirname, "..", "facts", "golden", `${fixture.name}.json`);
}

/** Writes a fixture's files and links below `root`. */
export async function materialise(fixture: Fixture, root: string): Promise<void> {
  for (const [path, file] of Object.entries(fixture.files)) {
    const full = join(root, path);
    await mkdir(dirname(full), { recursive: true });
    if (typeof file === "string") await writeFile(full, file);
    else await symlink(file.link, full);
  }
}

/** Asks Go about every fixture; answers the names of those whose golden file differs, and rewrites them if told so. */
export async function checkFixtures(
  update: boolean,
  say: (line: string) => void,
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const fixture of fixtures) {
    const root = await mkdtemp(join(tmpdir(), `facts-fixture-${fixture.name}-`));
    try {
      await materialise(fixture, root);
      const golden = new Map<string, { configurations: Configuration[]; go: Comparable }>();
      for (const configuration of configurationsOf(fixture)) {
        const { packages, outside, std, missing, errors } = await askGo(
          root,
          fixture.module ?? ".",
          fixture.main,
          configuration,
          fixture.mod ?? "mod",
          {
            GOPROXY: "off",
          },
        );
        if (errors.length > 0 && golden.size === 0) {
          say(`${fixture.name}: go list says: ${errors.join(" | ").slice(0, 400)}`);
        }
        const go: Comparable = { packages, outside, std, missing };
        const key = JSON.stringify(go);
        const same = golden.get(key);
        if (same === undefined) golden.set(key, { configurations: [configuration], go });
        else same.configurations.push(configuration);
      }
      // Compared as data: the formatter lays the files out.
      const said = JSON.stringify([...golden.values()]);
      const known = await readFile(goldenPath(fixture), "utf8").then(
        (text) => JSON.stringify(JSON.parse(text)),
        () => "",
      );
      if (said !== known) changed.push(fixture.name);
      if (said !== known && update) await writeFile(goldenPath(fixture), `${said}\n`);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  }
  return changed;
}
