// What an image holds beside its base and its binaries: directories, links and volumes, as the steps that make them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { STATIC_DIRECTORIES, STATIC_FILES } from "../../src/plan/content-problems.ts";
import { followLinks } from "../../src/plan/image-links.ts";
import type { FilesStep, ImageConfig, Step } from "../../src/plan/index.ts";
import { buildOf, capsWithout, complaintOf, golangImage, planFiles, tool } from "./support.ts";

const planned = (image: string) =>
  planFiles({ ...tool, "service.yaml": `# syntax=org/go-frontend\nimage: ${image}\n` });
const complaint = (image: string): Promise<string> => complaintOf(planned(image));

const classic = { caps: capsWithout("mergeop", "diffop") };

async function stepsOf(
  image: string,
  settings: Parameters<typeof buildOf>[1] = {},
  base: ImageConfig = {},
): Promise<readonly Step[]> {
  return buildOf(await planned(image), settings, undefined, golangImage, base).steps;
}

function filesStep(steps: readonly Step[], id: string): FilesStep {
  const step = steps.find((found) => found.id === id);
  return step?.kind === "files"
    ? step
    : expect.fail(`${id} is not among ${steps.map((s) => s.id).join(", ")}`);
}

/** Actions of a step as lines. */
function linesOf({ actions }: FilesStep): readonly string[] {
  return actions.map((action) => {
    switch (action.kind) {
      case "mkdir":
      case "mkfile":
        return `${action.kind} ${action.path}`;
      case "link":
        return `link ${action.path} ${action.target}`;
      case "copy": {
        const { source, dest, mode = "", owner } = action;
        const who = owner === undefined ? "" : [owner.user, owner.group ?? []].flat().join(":");
        return [source, dest, mode, who].filter((word) => word !== "").join(" ");
      }
    }
  });
}

const ALL =
  "{ dirs: [/data, { path: /cache/a, mode: 1777, owner: root }], links: { /bin/t: ../usr/local/bin/tool }, volumes: [/data, /v] }";

describe("the steps", () => {
  test("parts are made aside, and copied with their permissions and owners; directories get their times at last", async () => {
    const steps = await stepsOf(ALL);
    expect(linesOf(filesStep(steps, "content tool parts"))).toEqual([
      "mkdir /empty",
      "mkdir /dirs/0/data",
      "mkdir /dirs/1/a",
      "mkdir /links/0",
      "link /links/0/t ../usr/local/bin/tool",
    ]);
    const made = filesStep(steps, "content tool linux/amd64");
    expect(made.on).toEqual({ step: "rootfs", output: "/out" });
    expect(linesOf(made)).toEqual([
      "/empty /bin",
      "/empty /cache",
      "/dirs/0 / 0755 65532:65532",
      "/dirs/1 /cache 1777 0",
      "/empty /v 0755 65532:65532",
      "/links/0 /bin",
      "/empty /cache",
      "/empty /bin",
    ]);
    expect(new Set(made.actions.map((action) => (action.kind === "copy" ? action.times : "")))).toEqual(
      new Set([0]),
    );
  });

  test("what is made beside the base is merged on top; on scratch there is nothing beside it", async () => {
    const [diff, image] = (await stepsOf(ALL)).slice(-2);
    expect(diff).toMatchObject({
      kind: "diff",
      lower: { step: "rootfs" },
      upper: { step: "content tool linux/amd64" },
    });
    expect(image).toMatchObject({
      kind: "merge",
      trees: [
        { step: "rootfs" },
        { step: "build . linux/amd64" },
        { step: "content tool linux/amd64 alone" },
      ],
    });
    const [made, last] = (await stepsOf("{ base: scratch, dirs: [/data] }")).slice(-2);
    expect(made).toMatchObject({ kind: "files", id: "content tool linux/amd64" });
    expect(made).not.toHaveProperty("on");
    expect(last).toMatchObject({
      trees: [{ step: "build . linux/amd64" }, { step: "content tool linux/amd64" }],
    });
  });

  test("a builder that cannot merge makes it on the image", async () => {
    const ids = (steps: readonly Step[]): readonly string[] => steps.slice(-2).map(({ id }) => id);
    const onto = ["image tool linux/amd64 binaries", "image tool linux/amd64"];
    expect(ids(await stepsOf(ALL, classic))).toEqual(onto);
    expect(ids(await stepsOf("{ base: debian, dirs: [/x] }", classic))).toEqual(onto);
    const placed = await planFiles({
      ...tool,
      "service.yaml":
        "# syntax=org/go-frontend\nbinaries: { tool: { path: /bin/tool } }\nimage: { base: debian, dirs: [/x] }\n",
    });
    expect(ids(buildOf(placed, classic).steps)).toEqual(onto);
  });

  test("the image's user is the owner, by a name of the base too", async () => {
    const ownerOn = async (image: string, base: ImageConfig = {}): Promise<string> =>
      linesOf(filesStep(await stepsOf(image, {}, base), "content tool linux/amd64")).join();
    const based = "{ base: debian, dirs: [/d] }";
    expect(await ownerOn(based)).toBe("/dirs/0 / 0755 65532:65532");
    expect(await ownerOn(based, { config: { User: "app:staff" } })).toBe("/dirs/0 / 0755 app:staff");
    expect(await ownerOn(based, { config: { User: "1000" } })).toBe("/dirs/0 / 0755 1000");
    expect(await ownerOn(based, { config: { User: "root" } })).toBe("/dirs/0 / 0755 65532:65532");
    expect(await ownerOn("{ user: nobody, dirs: [/d] }")).toBe("/dirs/0 / 0755 65534");
    expect(await ownerOn("{ user: 1000:nonroot, dirs: [/d] }")).toBe("/dirs/0 / 0755 1000:65532");
    expect(await ownerOn("{ dirs: [{ path: /d, owner: nonroot:root }] }")).toBe("/dirs/0 / 0755 65532:0");
  });

  test("nothing is made where nothing is asked for", async () => {
    const ids = (await stepsOf("{ stopSignal: SIGINT, volumes: [] }")).map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith("content"))).toEqual([]);
  });
});

describe("what the image says of itself", () => {
  const configOf = async (image: string, base: ImageConfig = {}): Promise<ImageConfig> =>
    buildOf(await planned(image), {}, undefined, golangImage, base).results[0]?.config ?? expect.fail("none");

  test("volumes beside the base's, and its signal in place of the base's", async () => {
    const base = { config: { Volumes: { "/old": {} }, StopSignal: "SIGQUIT" } };
    expect(
      (await configOf("{ base: debian, volumes: [/new], stopSignal: SIGINT }", base)).config,
    ).toMatchObject({
      Volumes: { "/old": {}, "/new": {} },
      StopSignal: "SIGINT",
    });
    expect((await configOf("{ base: debian }", base)).config).toMatchObject({ StopSignal: "SIGQUIT" });
  });

  test("a line of history for its layer", async () => {
    expect((await configOf(ALL)).history?.map((entry) => entry.created_by)).toEqual([
      "rootfs: CA roots, time zones, users",
      "go build example.com/tool (/usr/local/bin/tool)",
      "directories: /data, /cache/a, /v; links: /bin/t",
    ]);
  });
});

describe("what contradicts itself", () => {
  test.each([
    [
      "{ dirs: [/usr/local/bin/tool] }",
      `service.yaml:2:17: GF043 the directory "/usr/local/bin/tool" would take the place of the binary "tool"
help: remove it, or choose another path`,
    ],
    [
      "{ links: { /usr/local/bin/tool: /x } }",
      `service.yaml:2:19: GF043 the link "/usr/local/bin/tool" would take the place of the binary "tool"
help: remove it, or choose another path`,
    ],
    [
      "{ dirs: [/a, { path: /a//, mode: 0700 }] }",
      `service.yaml:2:21: GF043 the directory "/a" is named twice
help: remove it, or choose another path`,
    ],
    [
      "{ volumes: [/a, /a] }",
      `service.yaml:2:24: GF043 the volume "/a" is named twice
help: remove it, or choose another path`,
    ],
    [
      "{ dirs: [/l], links: { /l: /x } }",
      `service.yaml:2:31: GF043 the link "/l" would take the place of the directory "/l"
help: remove it, or choose another path`,
    ],
    [
      "{ dirs: [/l/a/b], links: { /l: /x } }",
      `service.yaml:2:17: GF043 the directory "/l/a/b" lies below the link "/l", which is no directory
help: choose another path`,
    ],
    [
      "{ base: scratch, links: { /usr/local: /x } }",
      `service.yaml:2:34: GF043 the link "/usr/local" would take the place of a directory: the binary "tool" is below it
help: choose another path`,
    ],
    [
      "{ volumes: [/etc/passwd] }",
      `service.yaml:2:20: GF043 the volume "/etc/passwd" would take the place of a file of static
help: remove it, or choose another path`,
    ],
    [
      "{ links: { /home: /srv } }",
      `service.yaml:2:19: GF043 the link "/home" would take the place of a directory of static
help: remove it, or choose another path`,
    ],
    [
      "{ links: { /c: d, /d: ./c/x } }",
      `service.yaml:2:19: GF043 the link "/c" leads in a circle
help: name a file or a directory that it leads to

service.yaml:2:26: GF043 the link "/d" leads in a circle
help: name a file or a directory that it leads to`,
    ],
    [
      "{ dirs: [{ path: /d, owner: app:0 }] }",
      `service.yaml:2:36: GF040 owner has a name that is not known here ("app")
help: write \`65532:0\`: owners are ids, and names that are known on this base are root, nobody, nonroot`,
    ],
    [
      "{ base: debian, dirs: [{ path: /d, owner: nobody }] }",
      `service.yaml:2:50: GF040 owner has a name that is not known here ("nobody")
help: write \`65534\`: owners are ids, and names that are known on this base are root`,
    ],
  ])("%s", async (image, message) => {
    expect(await complaint(image)).toBe(message);
  });

  test.each([
    "{ dirs: [/tmp, /etc, /home/nonroot], volumes: [/tmp, /d] }",
    "{ dirs: [/d], volumes: [/d], links: { /d/a: b, /x: /d } }",
    "{ base: scratch, links: { /etc/passwd: /x }, dirs: [{ path: /usr/local/bin, mode: 0700, owner: root }] }",
  ])("nothing is said of %s", async (image) => {
    expect((await planned(image)).inspected.warnings).toEqual([]);
  });

  test("what static has is what the helper writes", () => {
    const helper = readFileSync(join(import.meta.dirname, "../../src/plan/helper/rootfs.go"), "utf8");
    const written = [...helper.matchAll(/(?:root\(|^\t\t)"([a-z][^"]*)"/gm)].map(
      ([, path]) => `/${path ?? ""}`,
    );
    expect([...new Set(written)].toSorted()).toEqual([...STATIC_FILES, ...STATIC_DIRECTORIES].toSorted());
  });
});

describe("links", () => {
  test.each([
    ["/a", { "/a": "/b" }, "/b"],
    ["/a/x", { "/a": "b/c" }, "/b/c/x"],
    ["/d/a", { "/d/a": "../e" }, "/e"],
    ["/a", { "/a": "/b", "/b": "c", "/c": "/d/" }, "/d"],
    ["/ab", { "/a": "/b" }, "/ab"],
    ["/a", { "/a": "a" }, undefined],
    ["/a", { "/a": "b", "/b": "a" }, undefined],
    ["/a", { "/a": "a/b" }, undefined],
    ["/constructor", {}, "/constructor"],
  ] as const)("%s by %j is %s", (path, links, target) => {
    expect(followLinks(path, links)).toBe(target);
  });

  test.each([
    ["{ links: { /bin/t: /usr/local/bin/tool }, entrypoint: [t] }"],
    ["{ links: { /bin/t: /usr/local/bin/tool }, entrypoint: [/bin/t] }"],
    ["{ links: { /app: /usr/local }, workdir: /app, entrypoint: [./bin/tool] }"],
    ["{ links: { /opt/t: /usr/local/bin/tool }, path: [/opt], entrypoint: [t] }"],
  ])("the image starts by one: %s", async (image) => {
    expect((await planned(image)).inspected.warnings).toEqual([]);
  });

  test.each([
    "{ links: { /opt/t: /usr/local/bin/tool }, entrypoint: [t] }",
    "{ links: { /bin/t: /usr/local/bin/other }, entrypoint: [t] }",
    "{ links: { /bin/t: t }, entrypoint: [t] }",
  ])("and does not by another: %s", async (image) => {
    expect(await complaint(image)).toContain('GF045 "t" is not in the image');
  });
});
