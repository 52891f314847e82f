import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  detectModule,
  folderTree,
  type GoModule,
  type ServiceFacts,
  type OpenTree,
  openTree,
} from "../../src/facts/index.ts";
import { scanService } from "../support/scan-service.ts";
import { goldenPath, materialise, type Golden } from "../facts-check/fixtures.ts";
import { differences, fromFacts, type Comparable, type Configuration } from "../facts-check/oracle.ts";
import { fixtures, type Fixture } from "./fixtures/index.ts";
import { memoryTree, openFiles } from "./memory-tree.ts";

/** The golden files are what `go list -deps -json` said (`npm run facts-check -- --fixtures`). */
async function goldenOf(
  fixture: Fixture,
): Promise<readonly { readonly configuration: Configuration; readonly go: Comparable }[]> {
  const golden = JSON.parse(await readFile(goldenPath(fixture), "utf8")) as Golden;
  return golden.flatMap(({ configurations, go }) =>
    configurations.map((configuration) => ({ configuration, go })),
  );
}

async function scan(tree: OpenTree, fixture: Fixture, configuration: Configuration): Promise<ServiceFacts> {
  const { platform, tags, cgo } = configuration;
  const module = await moduleOf(tree, fixture);
  return scanService(tree, {
    module,
    main: fixture.main,
    platforms: [platform],
    tags,
    cgo,
    goVersion: "1.26",
  });
}

async function moduleOf(tree: OpenTree, fixture: Fixture): Promise<GoModule> {
  const detected = await detectModule(tree, fixture.module ?? ".");
  if (!detected.ok) throw new Error(detected.diagnostics.map((each) => each.message).join("; "));
  return detected.module;
}

describe.each(fixtures)("$name", (fixture) => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "facts-golden-"));
    await materialise(fixture, root);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  test("a folder is seen as Go sees it, in every configuration", async () => {
    for (const { configuration, go } of await goldenOf(fixture)) {
      const facts = await scan(openTree(folderTree(root)), fixture, configuration);
      const label = JSON.stringify(configuration);
      expect([label, ...differences(go, fromFacts(facts, 0))]).toEqual([label]);
    }
  });

  test("a tree that follows no links and knows only what was listed gives the same", async () => {
    const tree = openFiles(fixture.files);
    for (const { configuration, go } of await goldenOf(fixture)) {
      const facts = await scan(tree, fixture, configuration);
      expect(differences(go, fromFacts(facts, 0))).toEqual([]);
    }
  });

  test("a tree that lists no packages, as a repository on the builder, gives the same", async () => {
    const whole = memoryTree(fixture.files);
    const tree = openTree({ list: (dirs) => whole.list(dirs), read: (ranges) => whole.read(ranges) });
    for (const { configuration, go } of await goldenOf(fixture)) {
      const facts = await scan(tree, fixture, configuration);
      expect(differences(go, fromFacts(facts, 0))).toEqual([]);
    }
  });

  test("all platforms in one scan say what one scan a platform says", async () => {
    const golden = await goldenOf(fixture);
    const platforms = [
      ...new Map(
        golden.map(({ configuration }) => [JSON.stringify(configuration.platform), configuration.platform]),
      ).values(),
    ];
    const tree = openFiles(fixture.files);
    const module = await moduleOf(tree, fixture);
    const facts = await scanService(tree, { module, main: fixture.main, platforms, goVersion: "1.26" });
    for (const [index, platform] of platforms.entries()) {
      const expected = golden.find(
        ({ configuration: { platform: of, tags, cgo } }) =>
          of.os === platform.os &&
          of.architecture === platform.architecture &&
          of.variant === platform.variant &&
          tags.length === 0 &&
          !cgo,
      );
      expect(expected).toBeDefined();
      if (expected !== undefined) expect(differences(expected.go, fromFacts(facts, index))).toEqual([]);
    }
  });
});
