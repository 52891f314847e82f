// Files that an image has beside its binaries: from the source tree, from what steps write, and texts of the description.
import { describe, expect, test } from "vitest";
import { knownCaps } from "../../src/llb/index.ts";
import {
  type FilesStep,
  inspect,
  type Plan,
  planBuild,
  type Step,
  stepsOf as stepsOfPlan,
  unresolved,
} from "../../src/plan/index.ts";
import { memoryTree, openFiles } from "../facts/memory-tree.ts";
import { buildOf, capsWithout, complaintOf, type Files, plainRequest, planFiles, tool } from "./support.ts";

const tree: Files = {
  ...tool,
  "etc/app.toml": "a = 1\n",
  "web/index.html": "<p>\n",
  "web/css/site.css": "p {}\n",
  "web/css/same.css": { link: "site.css" },
  "web/css/around.css": { link: "../../web/css/site.css" },
  "web/css/up.html": { link: "./../index.html" },
  "web/out.css": { link: "../etc/app.toml" },
  "sql/1/up.sql": "up\n",
  "sql/down.sql": "down\n",
  "sql/notes.txt": "notes\n",
  outside: { link: "../secret" },
  "bad/out": { link: "../../secret" },
  "bad2/gone": { link: "nowhere" },
  "bad3/folder": { link: "../web" },
};

const planned = (files: string, image = "", more: Files = {}, top = "") =>
  planFiles({
    ...tree,
    ...more,
    "service.yaml": `# syntax=org/go-frontend\n${top}image:\n  files: ${files}\n${image === "" ? "" : `  ${image}\n`}`,
  });
const complaint = (...of: Parameters<typeof planned>): Promise<string> => complaintOf(planned(...of));

async function stepsOf(...of: Parameters<typeof planned>): Promise<readonly Step[]> {
  return buildOf(await planned(...of)).steps;
}

const found = (steps: readonly Step[], id: string): Step =>
  steps.find((step) => step.id === id) ??
  expect.fail(`${id} is not among ${steps.map((step) => step.id).join(", ")}`);

function filesStep(steps: readonly Step[], id: string): FilesStep {
  const step = found(steps, id);
  return step.kind === "files" ? step : expect.fail(`${id} is of another kind`);
}

/** What a step copies, without the directories that it makes on the way. */
function copied({ actions }: FilesStep): readonly string[] {
  return actions.flatMap((action) => {
    if (action.kind !== "copy" || action.source === "/empty") return [];
    const { from, source, dest, mode = "-", owner } = action;
    return [`${from.step}: ${source} ${dest} ${mode} ${owner?.user ?? ""}:${owner?.group ?? ""}`];
  });
}

/** Directories that a step makes where there are none. */
function made({ actions }: FilesStep): readonly string[] {
  const all = actions.flatMap((action) => {
    if (action.kind !== "copy" || action.source !== "/empty") return [];
    const { dest, mode = "", owner } = action;
    return [[dest, mode, owner?.user ?? ""].filter((word) => word !== "").join(" ")];
  });
  return all.slice(0, all.length / 2);
}

describe("from the tree", () => {
  test("a file by its path, and into a folder under its name; nothing else is asked for", async () => {
    const steps = await stepsOf(
      "[{ from: ./etc/app.toml, to: /etc/app/ }, { from: web/index.html, to: /page, mode: 0600, owner: 1000:0 }]",
    );
    expect(copied(filesStep(steps, "content tool linux/amd64 1"))).toEqual([
      "context image-1: /etc/app.toml /etc/app/app.toml 0644 0:0",
    ]);
    expect(made(filesStep(steps, "content tool linux/amd64 1"))).toEqual(["/etc", "/etc/app"]);
    expect(copied(filesStep(steps, "content tool linux/amd64 2"))).toEqual([
      "context image-2: /web/index.html /page 0600 1000:0",
    ]);
    expect(found(steps, "context image-1")).toMatchObject({ paths: ["etc/app.toml"] });
    expect(found(steps, "context image-2")).toMatchObject({ paths: ["web/index.html"] });
  });

  test("a folder stands for what is in it; a link that stays in it is a link, and another one what it leads to", async () => {
    const steps = await stepsOf("[{ from: web, to: /srv/www, owner: 33 }]");
    const layer = filesStep(steps, "content tool linux/amd64 1");
    expect(copied(layer)).toEqual([
      "context image-1: /web/css/site.css /srv/www/css/around.css 0644 33:",
      "context image-1: /web/css/same.css /srv/www/css/same.css - 33:",
      "context image-1: /web/css/site.css /srv/www/css/site.css 0644 33:",
      "context image-1: /web/css/up.html /srv/www/css/up.html - 33:",
      "context image-1: /web/index.html /srv/www/index.html 0644 33:",
      "context image-1: /etc/app.toml /srv/www/out.css 0644 33:",
    ]);
    expect(made(layer)).toEqual(["/srv", "/srv/www 0755 33", "/srv/www/css 0755 33"]);
  });

  test("a pattern keeps the path below its plain directories", async () => {
    const steps = await stepsOf('[{ from: "sql/**/*.sql", to: /sql }, { from: "*/app.*", to: /x/ }]');
    expect(copied(filesStep(steps, "content tool linux/amd64 1"))).toEqual([
      "context image-1: /sql/1/up.sql /sql/1/up.sql 0644 0:0",
      "context image-1: /sql/down.sql /sql/down.sql 0644 0:0",
    ]);
    expect(copied(filesStep(steps, "content tool linux/amd64 2"))).toEqual([
      "context image-2: /etc/app.toml /x/etc/app.toml 0644 0:0",
    ]);
  });

  test("files that a patch changes have the text that it gives them", async () => {
    const patch = "--- a/etc/app.toml\n+++ b/etc/app.toml\n@@ -1 +1 @@\n-a = 1\n+a = 2\n";
    const more = { "a.patch": patch };
    const steps = await stepsOf("[{ from: etc/app.toml, to: /a }]", "", more, "patches: [a.patch]\n");
    expect(copied(filesStep(steps, "content tool linux/amd64 1"))).toEqual([
      "image-1 altered: /etc/app.toml /a 0644 0:0",
    ]);
    expect(filesStep(steps, "image-1 altered").actions).toContainEqual({
      kind: "mkfile",
      path: "/etc/app.toml",
      text: "a = 2\n",
    });
  });

  describe("what a step writes", () => {
    const step = "steps: { web: { image: node, run: [[make]], inputs: [go.mod], outputs: [dist] } }\n";
    const page = [{ path: "dist", from: memoryTree({ "dist/page": "<p>", "dist/css/site": "p {}" }) }];

    async function written(
      files: string,
      target?: string,
    ): Promise<{ readonly plan: Plan; readonly steps: readonly Step[] }> {
      const { located } = await planned(files, "", {}, step);
      const request = { ...plainRequest, ...(target === undefined ? {} : { target }) };
      const inspected = await inspect(located, openFiles(tree), request, { generate: () => page });
      expect(inspected.warnings).toEqual([]);
      const plan = planBuild(located, inspected, request);
      const { steps } = stepsOfPlan(
        plan,
        unresolved(plan, located.source, { caps: new Set(knownCaps.keys()) }),
      );
      return { plan, steps };
    }

    test("is taken from it, and compiles nothing", async () => {
      const { steps } = await written("[{ from: dist, to: /srv/ }]");
      expect(copied(filesStep(steps, "content tool linux/amd64 1"))).toEqual([
        "step web: /dist/css/site /srv/css/site 0644 0:0",
        "step web: /dist/page /srv/page 0644 0:0",
      ]);
      expect(steps.filter(({ id }) => id.endsWith("with steps"))).toEqual([]);
    });

    test("is nothing of an executable's", async () => {
      const { steps } = await written("[{ from: dist, to: /srv/ }]", "binary");
      expect(steps.filter(({ id }) => id.startsWith("step web"))).toEqual([]);
    });

    test.each(["dist/*.js", "**/page", "dist"])(
      "may be what %s names where nobody knows it",
      async (from) => {
        expect(
          (await planned(`[{ from: "${from}", to: /srv/ }]`, "", {}, step)).inspected.warnings,
        ).toMatchObject([{ code: "GF057" }]);
        expect(await complaint('[{ from: "other/*.js", to: /srv/ }]', "", {}, step)).toContain("GF046");
      },
    );

    test("is a file of its name where nobody knows what it is", async () => {
      const steps = await stepsOf("[{ from: dist/page, to: /page }]", "", {}, step);
      expect(copied(filesStep(steps, "content tool linux/amd64 1"))).toEqual([
        "step web: /dist/page /page 0644 0:0",
      ]);
    });
  });
});

describe("texts", () => {
  test("hold the description's variables, and are one layer", async () => {
    const steps = await stepsOf(
      '[{ text: "${target.arch} $${x}\\n", to: /etc/a }, { text: "", to: /b, mode: 0400, owner: nonroot }]',
    );
    expect(filesStep(steps, "content tool linux/amd64 texts").actions).toEqual([
      { kind: "mkdir", path: "/etc" },
      { kind: "mkfile", path: "/etc/a", text: "amd64 ${x}\n" },
      { kind: "mkfile", path: "/b", text: "" },
    ]);
    expect(copied(filesStep(steps, "content tool linux/amd64 files"))).toEqual([
      "content tool linux/amd64 texts: /etc/a /etc/a 0644 0:0",
      "content tool linux/amd64 texts: /b /b 0400 65532:",
    ]);
  });
});

describe("layers", () => {
  const ALL =
    "[{ from: etc/app.toml, to: /etc/app/ }, { text: x, to: /etc/app/y }, { from: web/css, to: /etc/app/css, owner: 33 }, { text: z, to: /etc/app/css/z }]";

  test("those of files are made on the directories of the description, and need nothing of each other", async () => {
    const steps = await stepsOf(ALL, "dirs: [/etc/app]");
    const onto = ["files", "1", "2"].map((name) => filesStep(steps, `content tool linux/amd64 ${name}`).on);
    expect(onto).toEqual(Array(3).fill({ step: "content tool linux/amd64" }));
    expect(steps.at(-1)).toMatchObject({
      kind: "merge",
      trees: [
        { step: "rootfs" },
        { step: "build . linux/amd64" },
        ...["", " files", " 1", " 2"].map((name) => ({ step: `content tool linux/amd64${name} alone` })),
      ],
    });
    // Whichever layer makes a directory, it has the same owner.
    expect(made(filesStep(steps, "content tool linux/amd64 files"))).toContain("/etc/app/css 0755 33");
  });

  test("without dirs they are made on the base", async () => {
    expect(filesStep(await stepsOf(ALL), "content tool linux/amd64 1").on).toMatchObject({ step: "rootfs" });
    expect(filesStep(await stepsOf(ALL, "base: scratch"), "content tool linux/amd64 1").on).toBeUndefined();
  });

  test("each has its line of history", async () => {
    const { results } = buildOf(await planned(ALL, "dirs: [/etc/app]"));
    expect(results[0]?.config?.history?.map((entry) => entry.created_by).slice(2)).toEqual([
      "directories: /etc/app",
      "files: /etc/app/y, /etc/app/css/z",
      "files: etc/app.toml",
      "files: web/css",
    ]);
  });

  test("a builder that cannot merge makes them on the image, one on the other", async () => {
    const { steps } = buildOf(await planned(ALL), { caps: capsWithout("mergeop", "diffop") });
    expect(steps.slice(-3).map(({ id }) => id)).toEqual([
      "content tool linux/amd64 files",
      "content tool linux/amd64 1",
      "image tool linux/amd64",
    ]);
  });
});

describe("what cannot be", () => {
  test.each([
    [
      "[{ from: etc/app.tml, to: /a }]",
      `service.yaml:3:19: GF046 the build context has no etc/app.tml, which the image is to have
help: correct the path, which is relative to the build context, or remove it`,
    ],
    [
      '[{ from: "*.ini", to: /a }]',
      `service.yaml:3:19: GF046 no file of the build context matches *.ini
help: correct the pattern, or remove it`,
    ],
    [
      "[{ from: outside, to: /a }]",
      `service.yaml:3:19: GF003 outside is a link that leads outside the build context
help: name files of the build context`,
    ],
    [
      "[{ from: bad, to: /a }]",
      `service.yaml:3:19: GF003 bad/out is a link that leads outside the build context
help: put a copy in the link's place, or name other files`,
    ],
    [
      "[{ from: bad2, to: /a }]",
      `service.yaml:3:19: GF046 bad2/gone leads to no file
help: remove it, or name other files`,
    ],
    [
      "[{ from: bad3, to: /a }]",
      `service.yaml:3:19: GF040 bad3/folder is a link to a folder that is not taken with it
help: name the folder in an entry of its own`,
    ],
    [
      "[{ from: etc/app.toml, to: /usr/local/bin/tool }]",
      `service.yaml:3:37: GF043 the file "/usr/local/bin/tool" would take the place of the binary "tool"
help: remove it, or choose another path`,
    ],
    [
      "[{ text: x, to: /etc/passwd }]",
      `service.yaml:3:26: GF043 the file "/etc/passwd" would take the place of a file of static
help: remove it, or choose another path`,
    ],
    [
      "[{ text: x, to: /a }, { from: etc/app.toml, to: /a }]",
      `service.yaml:3:58: GF043 the file "/a" is named twice
help: remove it, or choose another path`,
    ],
    [
      "[{ text: x, to: /a }, { from: sql, to: /a/b }]",
      ["1/up.sql", "down.sql", "notes.txt"]
        .map(
          (
            name,
          ) => `service.yaml:3:49: GF043 the file "/a/b/${name}" lies below the file "/a", which is no directory
help: choose another path`,
        )
        .join("\n\n"),
    ],
    [
      "[{ text: x, to: /a, owner: app }]",
      `service.yaml:3:37: GF040 owner has a name that is not known here ("app")
help: write \`65532\`: owners are ids, and names that are known on this base are root, nobody, nonroot`,
    ],
  ])("%s", async (files, message) => {
    expect(await complaint(files)).toBe(message);
  });

  test("more files than an image takes", async () => {
    const many = Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`many/${n}`, ""]));
    expect(await complaint("[{ from: many, to: /a }, { from: many, to: /b }]", "", many)).toBe(
      `service.yaml:3:19: GF084 many makes the image's files more than 2000
help: name fewer of them, embed them into the program, or take a base that has them`,
    );
    const more = Object.fromEntries(Array.from({ length: 2001 }, (_, n) => [`many/${n}`, ""]));
    expect(await complaint("[{ from: many, to: /a }]", "", more)).toBe(
      `service.yaml:3:19: GF084 many holds more than 2000 files and folders
help: name fewer of them, by a pattern`,
    );
    expect(await complaint('[{ from: "many/*", to: /a }]', "", more)).toBe(
      `service.yaml:3:19: GF084 many/* stands for more than 2000 files
help: name fewer of them`,
    );
  });

  describe("a script that the image starts", () => {
    const scripts = { "start.sh": "#!/bin/sh -e\nexec tool\n", "start.bin": "\u007fELF" };

    test.each([
      [
        "{ from: start.sh, to: /start }",
        "entrypoint: [/start]",
        `service.yaml:3:19: GF045 "/start" is not executable
help: make it so in the source tree, \`chmod +x\`, or give it the mode 0755`,
      ],
      [
        "{ from: start.sh, to: /start, mode: 0644 }",
        "base: debian\n  entrypoint: [/start]",
        `service.yaml:3:47: GF045 "/start" is not executable
help: make it so in the source tree, \`chmod +x\`, or give it the mode 0755`,
      ],
      [
        "{ from: start.sh, to: /start, mode: 0755 }",
        "entrypoint: [/l]\n  links: { /l: start }",
        `service.yaml:4:16: GF045 "/l" is run by "/bin/sh", which static does not hold
help: choose a base that has it, like \`base: debian:bookworm-slim\`, or start the service's binary itself`,
      ],
    ])("%s, %s", async (file, image, message) => {
      expect(await complaint(`[${file}]`, image, scripts)).toBe(message);
    });

    test.each([
      ["{ from: start.sh, to: /start, mode: 0755 }", "base: debian\n  entrypoint: [/start]"],
      ["{ from: start.bin, to: /start, mode: 0755 }", "entrypoint: [/start]"],
      [
        "{ from: start.sh, to: /start, mode: 0755 }, { from: start.bin, to: /bin/sh }",
        "entrypoint: [/start]",
      ],
      [
        "{ from: start.sh, to: /start, mode: 0755 }",
        "links: { /bin/sh: /usr/local/bin/tool }\n  entrypoint: [/start]",
      ],
    ])("nothing is said of %s with %s", async (file, image) => {
      expect((await planned(`[${file}]`, image, scripts)).inspected.warnings).toEqual([]);
    });
  });
});
