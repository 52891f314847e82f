// A vendor directory that is a link, or holds modules by way of links: Go follows them, so a build does.
import { expect, test } from "vitest";
import { link } from "../facts/fixtures/types.ts";
import { type Files, graphOf, planFiles, sums, verticesOf } from "../plan/support.ts";

const service: Files = {
  "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n",
  "go.sum": sums("github.com/google/uuid v1.6.0"),
  "main.go": 'package main\n\nimport _ "github.com/google/uuid"\n\nfunc main() {}\n',
};
const list = "# github.com/google/uuid v1.6.0\n## explicit\ngithub.com/google/uuid\n";
const uuid = "package uuid\n";

interface Asked {
  /** Files of the context that the build asks for, by the use it has for them. */
  readonly sources: readonly (readonly string[])[];
  readonly copies: readonly string[];
  /** Where the compile steps find the vendor directory as a tree of its own. */
  readonly mounts: readonly string[];
}

async function asked(files: Files): Promise<Asked> {
  const ops = verticesOf(graphOf(await planFiles({ ...service, ...files })));
  const sources = ops.flatMap(({ op }) => {
    const patterns = op.source?.attrs?.["local.includepattern"];
    return patterns === undefined ? [] : [JSON.parse(patterns) as string[]];
  });
  const copies = ops.flatMap(({ op }) =>
    (op.file?.actions ?? []).flatMap(({ copy }) =>
      copy?.src?.includes("vendor") === true || copy?.src?.includes("lib") === true
        ? [`${copy.src} ${copy.dest ?? ""}`]
        : [],
    ),
  );
  const mounts = ops.flatMap(({ op, name }) =>
    (op.exec?.mounts ?? []).flatMap(({ dest = "" }) =>
      dest.endsWith("/vendor") ? [`${name.replace(/ .*/, "")} ${dest}`] : [],
    ),
  );
  return { sources, copies, mounts };
}

test("a plain one is sent with the files", async () => {
  expect(await asked({ "vendor/modules.txt": list, "vendor/github.com/google/uuid/uuid.go": uuid })).toEqual({
    sources: [["vendor"], ["go.mod", "go.sum", "main.go", "vendor"]],
    copies: ["/vendor /"],
    mounts: ["[deps /src/vendor"],
  });
});

test("a link: what it leads to stands in its place", async () => {
  const files = {
    vendor: link("lib/vendored"),
    "lib/vendored/modules.txt": list,
    "lib/vendored/github.com/google/uuid/uuid.go": uuid,
  };
  expect(await asked(files)).toEqual({
    sources: [["lib/vendored"], ["go.mod", "go.sum", "main.go"]],
    copies: ["/lib/vendored /"],
    mounts: ["[deps /src/vendor", "[app /src/vendor"],
  });
});

test("a module in it that is a link, and a host", async () => {
  const files = {
    "vendor/modules.txt": list,
    "vendor/github.com/google": link("../../lib/google"),
    "lib/google/uuid/uuid.go": uuid,
  };
  expect(await asked(files)).toEqual({
    sources: [
      ["vendor", "lib/google"],
      ["go.mod", "go.sum", "main.go"],
    ],
    copies: ["/vendor /", "/lib/google /github.com/google"],
    mounts: ["[deps /src/vendor", "[app /src/vendor"],
  });
});

test("one that leads out of the context is told, since Go would build with it", async () => {
  const { inspected, plan } = await planFiles({ ...service, vendor: link("../vendor") });
  expect(plan.modules[0]).toBeDefined();
  expect(inspected.warnings.map(({ code, message }) => `${code} ${message}`)).toEqual([
    "GF018 vendor is a link that leads to nothing in the build context, so modules are downloaded",
  ]);
});
