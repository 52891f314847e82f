import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goTags, goVersions, standIns } from "../../rig/standins/list.ts";
import { architectures, makeLayer, writeImage } from "../../rig/standins/oci.ts";
import { imageName, type LayerRecipe, layerRecipes } from "../../rig/standins/recipes.ts";
import {
  directory,
  folderEntries,
  symlink,
  tarBlocks,
  textFile,
  type TarEntry,
} from "../../rig/standins/tar.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rig-standins-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("goTags", () => {
  const versions = ["1.26.8", "1.25.14", "1.26.9"];

  test("the newest of all has every short tag", () => {
    expect(goTags("1.26.9", versions)).toEqual({
      debian: "1.26.9-bookworm 1.26.9 1.26-bookworm 1.26 1-bookworm 1 bookworm latest".split(" "),
      alpine: "1.26.9-alpine 1.26-alpine 1-alpine alpine".split(" "),
    });
  });

  test("the newest of its minor version has that one, an older patch only its own", () => {
    expect(goTags("1.25.14", versions)).toEqual({
      debian: ["1.25.14-bookworm", "1.25.14", "1.25-bookworm", "1.25"],
      alpine: ["1.25.14-alpine", "1.25-alpine"],
    });
    expect(goTags("1.26.8", versions)).toEqual({
      debian: ["1.26.8-bookworm", "1.26.8"],
      alpine: ["1.26.8-alpine"],
    });
  });

  test("no two stand-ins share a name", () => {
    const names = standIns(goVersions).flatMap(({ host, repository, tags }) =>
      tags.map((tag) => `${host}/${repository}:${tag}`),
    );
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("tar", () => {
  const list = (name: string, entries: readonly TarEntry[]): readonly string[] => {
    const file = join(folder, name);
    writeFileSync(file, Buffer.concat([...tarBlocks(entries)]));
    return execFileSync("tar", ["--numeric-owner", "--utc", "--quoting-style=literal", "-tvf", file], {
      encoding: "utf8",
    })
      .trim()
      .split("\n");
  };

  test("GNU tar reads what is written: kinds, modes, owners, times", () => {
    expect(
      list("kinds.tar", [
        directory("tmp", 0o1777),
        textFile("tmp/é", "12345"),
        symlink("tmp/link", "../x"),
        { type: "hardlink", path: "tmp/hard", target: "tmp/é", mode: 0o755, uid: 7, gid: 65532 },
      ]).map((line) => line.replaceAll(/ +/g, " ")),
    ).toEqual([
      "drwxrwxrwt 0/0 0 2025-01-01 00:00 tmp/",
      "-rw-r--r-- 0/0 5 2025-01-01 00:00 tmp/é",
      "lrwxrwxrwx 0/0 0 2025-01-01 00:00 tmp/link -> ../x",
      "hrwxr-xr-x 7/65532 0 2025-01-01 00:00 tmp/hard link to tmp/é",
    ]);
  });

  test("paths and links of any length come through", () => {
    const lengths = [99, 100, 101, 155, 156, 255, 256, 257, 300, 1000];
    const paths = lengths.map((length) => `${"d/".repeat(10)}${"p".repeat(length - 20)}`);
    const deep = paths.map((path, index) => `${"long-directory-name/".repeat(index)}${path}`);
    const lines = list("long.tar", [
      ...[...paths, ...deep].map((path) => textFile(path, "x")),
      symlink("link", "t".repeat(180)),
    ]);
    expect(lines.map((line) => line.slice(line.indexOf("00:00 ") + 6))).toEqual([
      ...paths,
      ...deep,
      `link -> ${"t".repeat(180)}`,
    ]);
  });

  test("a folder on disk comes back out the same", () => {
    const [from, to] = [join(folder, "from"), join(folder, "to")];
    mkdirSync(join(from, "a/b"), { recursive: true });
    mkdirSync(to);
    writeFileSync(join(from, "a/b/file"), "content".repeat(1000), { mode: 0o750 });
    writeFileSync(join(from, "a/empty"), "");
    linkSync(join(from, "a/b/file"), join(from, "a/other-name"));
    symlinkSync("b/file", join(from, "a/link"));
    const input = Buffer.concat([...tarBlocks(folderEntries(from))]);
    execFileSync("tar", ["-x", "-p", "-C", to], { input });
    execFileSync("diff", ["-r", "--no-dereference", from, to]);
    const nodes = execFileSync("stat", ["-c", "%h %a", join(to, "a/other-name")], { encoding: "utf8" });
    expect(nodes).toBe("2 750\n");
  });
});

test("an image is made of the same bytes every time", async () => {
  const make = async (store: string) => {
    const layer = await makeLayer(store, "k", async (pack) =>
      pack([directory("etc"), textFile("etc/x", "y")]),
    );
    const image = writeImage(store, "i", [
      { architecture: "arm64", layers: [layer], config: { User: "65532" } },
    ]);
    return { layer, image };
  };
  const [first, second] = [await make(join(folder, "s1")), await make(join(folder, "s2"))];
  expect(second.layer).toEqual(first.layer);
  expect(second.image.digest).toBe(first.image.digest);
  const blob = readFileSync(join(first.image.layout, "blobs", first.layer.digest.replace(":", "/")));
  expect(blob.length).toBe(first.layer.size);
});

describe.each(
  standIns(goVersions).map((standIn) => [`${standIn.repository}:${standIn.tags[0] ?? ""}`, standIn] as const),
)("%s is remembered", (_name, standIn) => {
  test.each<[string, Partial<LayerRecipe>]>([
    ["code", { kind: "slim 1000" }],
    ["packages", { packages: ["hello"] }],
  ])("as long as its layers are made by the same recipe: other %s", (_what, change) => {
    const names = [...new Set(standIns(goVersions).flatMap(({ layers }) => layers))];
    const now = imageName(standIn, architectures);
    const noticed = names.filter(
      (name) =>
        imageName(standIn, architectures, {
          ...layerRecipes,
          [name]: { ...layerRecipes[name], ...change },
        }) !== now,
    );
    expect(noticed.toSorted()).toEqual(standIn.layers.toSorted());
  });
});
