// What `why` says has to agree with the keys themselves: a stage is named exactly when its vertex has another digest.
import { describe, expect, test } from "vitest";
import { type BuildRequest, explainChanges, stagesOf } from "../../src/plan/index.ts";
import {
  buildOf,
  changes,
  type Files,
  graphOf,
  type Planned,
  planFiles,
  shop,
  stepKeys,
  sums,
  verticesOf,
} from "./support.ts";

const login = (ssh: string): string =>
  `${shop["service.yaml"]}modules:\n  auth:\n    ssh.example: { ssh: default, ${ssh} }\n`;
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfAHCZ3U0CGdVHVBcL5pyOAnPLBMMe1Pz0Oa2zNx3W";
const withLogin = { ...shop, "service.yaml": login(`knownHosts: ["ssh.example ${key}"]`) };

interface Edit {
  readonly what: string;
  readonly before?: Files;
  readonly files?: Files;
  readonly request?: Partial<BuildRequest>;
}

const description = (from: string, to: string): Files => ({
  "service.yaml": shop["service.yaml"].replace(from, to),
});

const edits: readonly Edit[] = [
  { what: "nothing" },
  { what: "a README", files: { "README.md": "more" } },
  { what: "a new import of a known module", files: importing("github.com/go-chi/chi/v5/middleware") },
  { what: "a new import of the standard library that the common set lacks", files: importing("go/ast") },
  { what: "a line of go.sum", files: { "go.sum": shop["go.sum"] + sums("golang.org/x/text v0.1.0") } },
  { what: "a line of go.mod", files: { "go.mod": shop["go.mod"].replace("go 1.26", "go 1.26.1") } },
  { what: "a profile", files: { "cmd/orders/default.pgo": "profile" } },
  { what: "a linker variable", request: { buildArgs: { version: "2" } } },
  { what: "symbols", files: description("build:\n", "build:\n  strip: false\n") },
  { what: "a build tag", files: description("build:\n", "build:\n  tags: [netgo]\n") },
  { what: "the Go release", files: description("args:", 'go: "1.27"\nargs:') },
  { what: "the toolchain's image", files: description("args:", "toolchain: corp/go:1\nargs:") },
  { what: "the image's user", files: { "service.yaml": `${shop["service.yaml"]}image: { user: 1000 }\n` } },
  { what: "the time of files", request: { epoch: 1_700_000_000 } },
  { what: "a module proxy", request: { buildArgs: { GOPROXY: "https://proxy.example" } } },
  { what: "a checksum database", request: { buildArgs: { GOSUMDB: "off" } } },
  {
    what: "private modules",
    files: { "service.yaml": `${shop["service.yaml"]}modules: { private: [x.example] }\n` },
  },
  { what: "a login", files: withLogin },
  {
    what: "the user of a login",
    before: withLogin,
    files: { "service.yaml": login(`user: me, knownHosts: ["ssh.example ${key}"]`) },
  },
  {
    what: "the port of a login",
    before: withLogin,
    files: { "service.yaml": login(`port: 2222, knownHosts: ["[ssh.example]:2222 ${key}"]`) },
  },
  {
    what: "the host keys of a login",
    before: withLogin,
    files: { "service.yaml": login(`knownHosts: ["ssh.example ${key}", "other.example ${key}"]`) },
  },
  {
    what: "an image label",
    files: { "service.yaml": `${shop["service.yaml"]}image: { labels: { com.example.a: b } }\n` },
  },
];

function importing(path: string): Files {
  return {
    "internal/money/money.go": `package money\n\nimport _ ${JSON.stringify(path)}\n\nconst Port = ":1"\n`,
  };
}

const steps = (planned: Planned) => stepKeys(verticesOf(graphOf(planned)));

describe("why agrees with the keys after an edit of", () => {
  test.each(edits)("$what", async ({ before: from = shop, files = {}, request = {} }) => {
    const before = await planFiles(from, { target: "orders" });
    const after = await planFiles({ ...from, ...files }, { target: "orders", ...request });
    const explained = explainChanges(stagesOf(buildOf(before)), stagesOf(buildOf(after)))
      .map(({ stage }) => stage.replace(/^build \S+ /, "build "))
      // What runs nothing: the toolchain's image, the image's own configuration.
      .filter((stage) => /^(helper|modules|rootfs|std|deps|build)/.test(stage));
    expect(explained.toSorted()).toEqual(changes(steps(before), steps(after)));
  });
});

describe("the words", () => {
  const words = async (files: Files, request: Partial<BuildRequest> = {}): Promise<readonly string[]> => {
    const before = await planFiles(shop, { target: "orders" });
    const after = await planFiles({ ...shop, ...files }, { target: "orders", ...request });
    return explainChanges(stagesOf(buildOf(before)), stagesOf(buildOf(after))).flatMap(({ stage, because }) =>
      because.map((line) => `${stage} · ${line}`),
    );
  };

  test("name the import, the module's line, the flag and the value", async () => {
    expect(await words(importing("github.com/go-chi/chi/v5/middleware"))).toContain(
      "deps linux/amd64 · import: with github.com/go-chi/chi/v5/middleware",
    );
    const mod = shop["go.mod"].replace("uuid v1.6.0", "uuid v1.6.1");
    const sum = shop["go.sum"].replaceAll("uuid v1.6.0", "uuid v1.6.1");
    expect((await words({ "go.mod": mod, "go.sum": sum })).join("\n")).toMatch(
      /modules · go\.mod: github\.com\/google\/uuid v1\.6\.1 instead of github\.com\/google\/uuid v1\.6\.0/,
    );
    expect((await words({}, { buildArgs: { version: "2" } })).join("\n")).toMatch(
      /version=2.* instead of .*version=dev/,
    );
  });
});
