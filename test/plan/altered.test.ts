// The tree as the description and the client change it: what is compiled, and what is sent for it.
import { describe, expect, test } from "vitest";
import { platform as onPlatform } from "../../src/llb/index.ts";
import { type Plan, savedPlan, stagesOf, type Step } from "../../src/plan/index.ts";
import {
  amd64,
  buildOf,
  complaintOf,
  type Files,
  graphOf,
  type Planned,
  planFiles,
  sums,
} from "./support.ts";

/** A service whose go.mod replaces a module by a directory outside of the context. */
const app = {
  "service.yaml": "# syntax=org/go-frontend\nname: app\n",
  "go.mod":
    "module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n\nreplace example.com/lib v1.0.0 => ../lib // ours\n",
  "main.go": 'package main\n\nimport "example.com/lib/name"\n\nfunc main() { println(name.Name) }\n',
  "other.go": "package main\n\nvar other = 1\n",
} satisfies Files;
const lib = {
  "go.mod": "module example.com/lib\n\ngo 1.26\n",
  "name/name.go": 'package name\n\nimport "encoding/xml"\n\nconst Name = xml.Header\n',
  "name/unused.txt": "",
} satisfies Files;
const AT = ".go-frontend/contexts/lib";

const contextSteps = (planned: Planned): readonly (readonly [string, readonly string[]])[] =>
  buildOf(planned).steps.flatMap((step) =>
    step.kind === "context" ? [[step.named?.name ?? "context", step.paths] as const] : [],
  );

/** Files that a build lays into its source by their texts. */
function textsIn(steps: readonly Step[]): Readonly<Record<string, string>> {
  const made = steps.flatMap((step) =>
    step.kind === "files" && step.id.endsWith(" altered")
      ? step.actions.flatMap((action) =>
          action.kind === "mkfile" ? [[action.path, action.text] as const] : [],
        )
      : [],
  );
  return Object.fromEntries(made);
}

const goModOf = ({ modules, service }: Plan): string | undefined =>
  modules[0]?.files.find(({ path }) => path === "go.mod")?.text ??
  service.altered?.texts.find(({ path }) => path === "go.mod")?.text;

describe("a directory outside that the client hands in", () => {
  test.each(["lib", "example.com/lib"])(
    "by the name %s: its files are compiled, and no others sent",
    async (name) => {
      const planned = await planFiles(app, {}, { [name]: lib });
      const at = `.go-frontend/contexts/${name.replace("/", "+")}`;
      expect(goModOf(planned.plan)).toContain(`replace example.com/lib v1.0.0 => ./${at} // ours\n`);
      expect(planned.plan.service.programs[0]?.files).toEqual([
        `${at}/go.mod`,
        `${at}/name/name.go`,
        "go.mod",
        "main.go",
        "other.go",
      ]);
      expect(contextSteps(planned)).toEqual([
        ["context", ["main.go", "other.go"]],
        [name, ["go.mod", "name/name.go"]],
      ]);
      expect(planned.inspected.services[0]?.programs[0]?.facts.std).toContain("encoding/xml");
    },
  );

  test("the module's path says more than the directory's name", async () => {
    const { plan } = await planFiles(app, {}, { lib: {}, "example.com/lib": lib });
    expect(plan.service.altered?.contexts.map(({ name }) => name)).toEqual(["example.com/lib"]);
  });

  test("answers for a directory whose name has capitals, or none", async () => {
    for (const folder of ["../Lib", "../../", "/lib"]) {
      const files = { ...app, "go.mod": app["go.mod"].replace("../lib", folder) };
      const name = folder === "../../" ? "example.com/lib" : "lib";
      expect((await planFiles(files, {}, { [name]: lib })).plan.service.altered?.contexts).toHaveLength(1);
    }
  });

  test("is a module of go.work", async () => {
    const files: Files = {
      ...app,
      "service.yaml": "# syntax=org/go-frontend\nname: app\nmodule: svc\n",
      "go.work": "go 1.26\n\nuse (\n\t./svc\n\t../lib\n)\n",
      "svc/go.mod": "module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n",
      "svc/main.go": app["main.go"],
    };
    const { plan } = await planFiles(files, {}, { lib });
    expect(plan.service.altered?.texts).toEqual([
      { path: "go.work", text: `go 1.26\n\nuse (\n\t./svc\n\t./${AT}\n)\n` },
    ]);
    expect(plan.service.programs[0]?.files).toContain(`${AT}/name/name.go`);
  });

  test("of a module in a directory, go.mod leads back to the root", async () => {
    const files: Files = {
      "service.yaml": "# syntax=org/go-frontend\nname: app\nmodule: a/svc\n",
      "a/svc/go.mod": app["go.mod"].replace("../lib", "../../../lib"),
      "a/svc/main.go": app["main.go"],
    };
    const { plan } = await planFiles(files, {}, { lib });
    expect(plan.service.altered?.texts[0]?.text).toContain(`=> ../../${AT} //`);
  });

  test("is not asked for where vendor holds the module, and no key moves", async () => {
    const vendored = {
      ...app,
      "vendor/modules.txt":
        "# example.com/lib v1.0.0 => ../lib\n## explicit; go 1.26\nexample.com/lib/name\n",
      "vendor/example.com/lib/name/name.go": "package name\n\nconst Name = 1\n",
    };
    const [without, given] = [await planFiles(vendored), await planFiles(vendored, {}, { lib })];
    expect(buildOf(given).steps).toEqual(buildOf(without).steps);
  });

  test("that nothing names changes nothing", async () => {
    const files = {
      ...app,
      "go.mod": "module example.com/app\n\ngo 1.26\n",
      "main.go": "package main\n\nfunc main() {}\n",
    };
    const [without, given] = [await planFiles(files), await planFiles(files, {}, { lib })];
    expect(buildOf(given).steps).toEqual(buildOf(without).steps);
  });

  test("without a go.mod is told at the line that names it", async () => {
    expect(await complaintOf(planFiles(app, {}, { lib: { "name/name.go": "package name\n" } }))).toContain(
      `go.mod:7:35: GF013 replace example.com/lib => ./${AT}: the directory holds no go.mod`,
    );
  });

  test("is told to be handed in, where nobody does", async () => {
    expect(await complaintOf(planFiles(app))).toContain(
      "help: build from a parent directory that holds both and set `module:`, or hand the directory in: --build-context lib=…",
    );
  });

  test("a plan that was printed gives the same graph", async () => {
    const planned = await planFiles(app, {}, { lib });
    const build = buildOf(planned);
    const read = savedPlan(JSON.parse(JSON.stringify(build)));
    expect(read?.build.steps).toEqual(JSON.parse(JSON.stringify(build.steps)));
    const files = stagesOf(build).flatMap(({ inputs }) =>
      inputs.flatMap(({ kind, entries }) => (kind === "file" ? entries : [])),
    );
    expect(files).toContain(`${AT}/name/name.go`);
    const [result] = graphOf(planned).platforms;
    expect(result?.state.marshal(onPlatform(amd64)).toBytes().length).toBeGreaterThan(0);
  });
});

describe("modules.edit", () => {
  const inside = {
    ...app,
    "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n",
    "go.sum": sums("example.com/lib v1.0.0"),
    "third_party/lib/go.mod": lib["go.mod"],
    "third_party/lib/name/name.go": lib["name/name.go"],
  } satisfies Files;
  const edited = (edit: string): typeof inside => ({
    ...inside,
    "service.yaml": `# syntax=org/go-frontend\nname: app\nmodules:\n  edit: ${edit}\n`,
  });

  test("a directory of the tree in the place of a module", async () => {
    const { plan } = await planFiles(edited("{ replace: { example.com/lib: ./third_party/lib } }"));
    expect(goModOf(plan)).toContain("replace example.com/lib => ./third_party/lib\n");
    expect(plan.service.programs[0]?.files).toContain("third_party/lib/name/name.go");
    expect(plan.modules).toEqual([]);
  });

  test("a directory of the client in its place", async () => {
    const files = edited("{ replace: { example.com/lib: context:mine } }");
    const { plan } = await planFiles(files, {}, { mine: lib });
    expect(goModOf(plan)).toContain("replace example.com/lib => ./.go-frontend/contexts/mine\n");
    expect(plan.service.altered?.contexts.map(({ name }) => name)).toEqual(["mine"]);
    expect(await complaintOf(planFiles(files), files["service.yaml"])).toMatchInlineSnapshot(`
      "service.yaml:4:39: GF013 the client hands in no directory "mine"
      4 |   edit: { replace: { example.com/lib: context:mine } }
        |                                       ^^^^^^^^^^^^
      help: add \`--build-context mine=…\` with the directory of example.com/lib"
    `);
  });

  test("another version, with its hashes", async () => {
    const hash = (letter: string): string => `h1:${letter.repeat(43)}=`;
    const lines = `["example.com/lib v1.1.0 ${hash("B")}", "example.com/lib v1.1.0/go.mod ${hash("C")}"]`;
    const planned = await planFiles(edited(`{ require: { example.com/lib: v1.1.0 }, sums: ${lines} }`));
    const [download] = planned.plan.modules;
    expect(download?.files).toEqual([
      { path: "go.mod", text: "module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.1.0\n" },
      {
        path: "go.sum",
        text: `${inside["go.sum"]}example.com/lib v1.1.0 ${hash("B")}\nexample.com/lib v1.1.0/go.mod ${hash("C")}\n`,
      },
    ]);
    // The compile sees what the download has seen.
    expect(textsIn(buildOf(planned).steps)).toEqual(
      Object.fromEntries((download?.files ?? []).map(({ path, text }) => [`/${path}`, text])),
    );
    expect(contextSteps(planned)).toEqual([["context", ["main.go", "other.go"]]]);
  });

  test("another version without hashes is told before anything is fetched", async () => {
    const files = edited("{ require: { example.com/lib: v1.1.0 } }");
    expect(await complaintOf(planFiles(files), files["service.yaml"])).toMatchInlineSnapshot(`
      "service.yaml:4:39: GF012 nobody says the hashes of example.com/lib v1.1.0
      4 |   edit: { require: { example.com/lib: v1.1.0 } }
        |                                       ^^^^^^
      help: add its two lines of go.sum to \`modules.edit.sums\`; \`go mod download -json example.com/lib@v1.1.0\` prints them as Sum and GoModSum"
    `);
  });

  test("a fork without hashes, too", async () => {
    const files = edited("{ replace: { example.com/lib: example.com/fork@v1.0.1 } }");
    expect(await complaintOf(planFiles(files))).toContain(
      "GF012 nobody says the hashes of example.com/fork v1.0.1",
    );
  });
});

describe("patches", () => {
  const patch = `--- a/main.go
+++ b/main.go
@@ -1,5 +1,5 @@
 package main
 
-import "example.com/lib/name"
+import "example.com/app/local"
 
-func main() { println(name.Name) }
+func main() { println(local.Name, other) }
--- /dev/null
+++ b/local/local.go
@@ -0,0 +1,3 @@
+package local
+
+const Name = "patched"
--- a/other.go
+++ b/second.go
@@ -1,3 +1,3 @@
 package main
 
-var other = 1
+var other = 2
`;
  const files: Files = {
    ...app,
    "go.mod": "module example.com/app\n\ngo 1.26\n",
    "service.yaml": "# syntax=org/go-frontend\nname: app\npatches: [fix.patch]\n",
    "fix.patch": patch,
  };
  const told = (text: string, more: Files = {}): Promise<string> =>
    complaintOf(planFiles({ ...files, ...more, "fix.patch": text }));

  test("are made before the scan: what they import is compiled, what they move is not sent", async () => {
    const planned = await planFiles(files);
    expect(planned.plan.service.programs[0]?.files).toEqual([
      "go.mod",
      "local/local.go",
      "main.go",
      "second.go",
    ]);
    expect(contextSteps(planned)).toEqual([["context", ["go.mod"]]]);
    expect(textsIn(buildOf(planned).steps)).toEqual({
      "/main.go":
        'package main\n\nimport "example.com/app/local"\n\nfunc main() { println(local.Name, other) }\n',
      "/local/local.go": 'package local\n\nconst Name = "patched"\n',
      "/second.go": "package main\n\nvar other = 2\n",
    });
  });

  test("follow each other", async () => {
    const second = "--- a/second.go\n+++ b/second.go\n@@ -3 +3 @@\n-var other = 2\n+var other = 3\n";
    const { plan } = await planFiles({
      ...files,
      "service.yaml": "# syntax=org/go-frontend\nname: app\npatches: [fix.patch, second.patch]\n",
      "second.patch": second,
    });
    expect(plan.service.altered?.texts.find(({ path }) => path === "second.go")?.text).toContain("other = 3");
  });

  test("of vendor are seen where vendor is mounted", async () => {
    const planned = await planFiles({
      ...app,
      "service.yaml": "# syntax=org/go-frontend\nname: app\npatches: [fix.patch]\n",
      "fix.patch":
        "--- a/vendor/example.com/lib/name/name.go\n+++ b/vendor/example.com/lib/name/name.go\n@@ -3 +3 @@\n-const Name = 1\n+const Name = 2\n",
      "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n",
      "vendor/modules.txt": "# example.com/lib v1.0.0\n## explicit; go 1.26\nexample.com/lib/name\n",
      "vendor/example.com/lib/name/name.go": "package name\n\nconst Name = 1\n",
    });
    expect(textsIn(buildOf(planned).steps)).toEqual({
      "/vendor/example.com/lib/name/name.go": "package name\n\nconst Name = 2\n",
    });
  });

  test("leave the keys of a service alone that reads nothing of what they change", async () => {
    const two: Files = {
      "go.mod": "module example.com/two\n\ngo 1.26\n",
      "a/main.go": "package main\n\nfunc main() {}\n",
      "b/main.go": "package main\n\nfunc main() {}\n",
      "b.patch":
        "--- a/b/main.go\n+++ b/b/main.go\n@@ -3 +3 @@\n-func main() {}\n+func main() { println(1) }\n",
    };
    const description = "# syntax=org/go-frontend\nservices: { a: { main: ./a }, b: { main: ./b } }\n";
    const plain = await planFiles({ ...two, "service.yaml": description }, { target: "a" });
    const patched = await planFiles(
      { ...two, "service.yaml": `${description}patches: [b.patch]\n` },
      { target: "a" },
    );
    expect(buildOf(patched).steps).toEqual(buildOf(plain).steps);
  });

  test.each<[string, string, Files, string]>([
    [
      "does not fit",
      patch.replace("-var other = 1", "-var other = 7"),
      {},
      'fix.patch:19:1: GF058 the patch fix.patch does not fit ("second.go")',
    ],
    [
      "outside",
      "--- a/../x\n+++ b/../x\n@@ -1 +1 @@\n-a\n+b\n",
      {},
      'GF058 the patch fix.patch names "../x", which is no path of a file below the build context',
    ],
    [
      "absolute",
      "--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-a\n+b\n",
      {},
      'names "/etc/passwd", which is no path',
    ],
    [
      "git's own files",
      "--- a/.git/config\n+++ b/.git/config\n@@ -1 +1 @@\n-a\n+b\n",
      {},
      'names ".git/config", which is no path',
    ],
    [
      "a link",
      "--- a/main.go\n+++ b/main.go\n@@ -1 +1 @@\n-a\n+b\n",
      { "main.go": { link: "other.go" } },
      'changes "main.go", which lies behind a link',
    ],
    [
      "below a link",
      "--- /dev/null\n+++ b/dir/x.go\n@@ -0,0 +1 @@\n+package x\n",
      { dir: { link: "." } },
      'makes "dir/x.go", where something is already',
    ],
    [
      "below a file",
      "--- /dev/null\n+++ b/main.go/a/x.go\n@@ -0,0 +1 @@\n+package x\n",
      {},
      'makes "main.go/a/x.go", where something is already',
    ],
    [
      "a file that is there",
      "--- /dev/null\n+++ b/other.go\n@@ -0,0 +1 @@\n+package x\n",
      {},
      'makes "other.go", where something is already',
    ],
    [
      "no such file",
      "--- a/gone.go\n+++ b/gone.go\n@@ -1 +1 @@\n-a\n+b\n",
      {},
      'changes "gone.go", which is no file of the build context',
    ],
    ["no patch", "hello\n", {}, "fix.patch:1:1: GF058 the patch fix.patch holds no hunk"],
  ])("%s: is told at the patch's line", async (_, text, more, expected) => {
    expect(await told(text, more)).toContain(expected);
  });

  test("one that is not there is told at the description's line", async () => {
    const described = "# syntax=org/go-frontend\npatches: [a.patch]\n";
    expect(await complaintOf(planFiles({ ...files, "service.yaml": described }))).toContain(
      "service.yaml:2:11: GF046 the patch a.patch is not in the build context",
    );
    expect(
      await complaintOf(planFiles({ ...files, "service.yaml": described, "a.patch/b.patch": "" })),
    ).toContain("service.yaml:2:11: GF046 the patch a.patch is a directory");
  });

  test("are bounded in what they make", async () => {
    const large = `--- /dev/null\n+++ b/x.txt\n@@ -0,0 +1,5 @@\n${`+${"x".repeat(200_000)}\n`.repeat(5)}`;
    const five = ["a", "b", "c", "d", "e"].map(
      (name) => [`${name}.patch`, large.replace("x.txt", `${name}.txt`)] as const,
    );
    const described = `# syntax=org/go-frontend\npatches: [${five.map(([name]) => name).join(", ")}]\n`;
    expect(
      await complaintOf(planFiles({ ...files, "service.yaml": described, ...Object.fromEntries(five) })),
    ).toContain(
      "e.patch:1:1: GF058 the patch e.patch is, with those before it, of more than 500 files or 4 MiB of text",
    );
    expect(await told("x".repeat((1 << 20) + 1))).toContain("the patch fix.patch has more than 1 MiB");
  });
});
