// What .github/workflows names is there, and a release is tried before it has a name. GitHub's own part (actions,
// logins, attestations) is not run here.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";

const repository = join(import.meta.dirname, "..", "..");
const workflows = join(repository, ".github", "workflows");
const scratch = mkdtempSync(join(tmpdir(), "workflows-test-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Step {
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

const read = (file: string): Workflow => parse(readFileSync(join(workflows, file), "utf8")) as Workflow;

const stepsOf = (file: string): readonly Step[] =>
  Object.values(read(file).jobs).flatMap(({ steps }) => steps);

const scriptsOf = (file: string): readonly string[] => stepsOf(file).flatMap(({ run = [] }) => run);

describe.each(readdirSync(workflows))("%s", (file) => {
  const all = scriptsOf(file).join("\n");

  test("a step whose pipe breaks fails", () => {
    // Without a shell that is named GitHub runs `bash -e`, to which the left side of a pipe says nothing.
    expect(read(file).defaults?.run?.shell).toBe("bash");
  });

  test("every script is one that bash reads", () => {
    for (const script of scriptsOf(file)) {
      // GitHub puts a text in the place of an expression.
      const text = script.replaceAll(/\$\{\{[^}]*\}\}/g, "x");
      const { stderr } = spawnSync("bash", ["-n"], { input: text, encoding: "utf8" });
      expect(stderr, script).toBe("");
    }
  });

  test("every npm script and file that it runs is there", () => {
    const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const named = [...all.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map((match) => match[1] ?? "");
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
    const files = [...all.matchAll(/(?:^|\s)(\.ci\/\w+)/g)].map((match) => match[1] ?? "");
    expect(files.filter((path) => !existsSync(join(repository, path)))).toEqual([]);
    expect(named.length + files.length).toBeGreaterThan(0);
  });
});

describe("a release", () => {
  const steps = stepsOf("release.yaml");
  const at = (name: string): number => {
    const found = steps.findIndex((step) => step.name === name);
    expect(found, name).toBeGreaterThanOrEqual(0);
    return found;
  };
  const script = (name: string): string => steps[at(name)]?.run ?? "";

  test("uses commands and options that the frontend image's command has", () => {
    const { stderr: usage } = spawnSync(
      process.execPath,
      [join(repository, "frontend-image", "cli.ts"), "no-command"],
      { encoding: "utf8" },
    );
    const calls = scriptsOf("release.yaml")
      .join("\n")
      .replaceAll("\\\n", " ")
      .split("\n")
      .flatMap((line) => /(?:frontend-image --|^\s*image) ([a-z].*)/.exec(line)?.[1] ?? []);
    expect(calls.length).toBeGreaterThan(4);
    for (const call of calls) {
      const [command = "", ...words] = call.split(/\s+/);
      expect(usage, call).toContain(`frontend-image -- ${command}`);
      for (const option of words.filter((word) => word.startsWith("--"))) {
        expect(usage, call).toMatch(new RegExp(`${option}(?![a-z-])`));
      }
    }
  });

  test("is tested, made twice, read back, pulled by an empty daemon and attested before it has a name", () => {
    const order = [
      "The tag is the version in package.json",
      "Tests",
      "Build, on two empty builders",
      "Log in to ghcr.io",
      "Push by digest",
      "Pull it into an empty daemon and build with it",
      "Attest the SBOM",
      "Attest where it was built",
      "Attest where its gzip form was built",
      "Tag the digests",
      "Release",
    ].map(at);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(script("Tests")).toContain(".ci/run");
    expect(script("Build, on two empty builders")).toContain('test "$(tail -n 1 one)" = "$(tail -n 1 two)"');
    const named = steps.flatMap(({ run = "" }, index) => (/--tag |gh release/.test(run) ? index : []));
    expect(named).toEqual([at("Tag the digests"), at("Release")]);
  });

  test("leaves nothing outside unless it is published, and no name unless it is a tag", () => {
    const outward = steps.filter(({ uses = "", run = "" }) =>
      /login-action|sbom-action|\/attest-|--to |gh release| try /.test(`${uses} ${run}`),
    );
    expect(outward.length).toBeGreaterThan(7);
    expect(outward.filter((step) => step.if?.includes("env.PUBLISH == 'true'") !== true)).toEqual([]);
    for (const name of ["Tag the digests", "Release"]) {
      expect(steps[at(name)]?.if).toContain("github.event_name == 'push'");
    }
  });

  const bash = (text: string, env: Readonly<Record<string, string>>) =>
    spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", text], {
      cwd: repository,
      encoding: "utf8",
      env: { ...process.env, ...env },
    });

  test("whose tag is not package.json's version stops at once", () => {
    const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
      readonly version: string;
    };
    const check = script("The tag is the version in package.json");
    expect(bash(check, { GITHUB_REF_NAME: `v${version}` }).status).toBe(0);
    expect(bash(check, { GITHUB_REF_NAME: `v${version}0` }).status).toBe(1);
  });

  test("of an owner with capitals has a name in lower case", () => {
    const lower = scriptsOf("release.yaml").find((text) => text.includes(",,"));
    const file = join(scratch, "env");
    const { status } = bash(lower ?? "exit 1", { GITHUB_ENV: file, REPOSITORY: "ghcr.io/Acme/go-frontend" });
    expect([status, readFileSync(file, "utf8")]).toEqual([0, "REPOSITORY=ghcr.io/acme/go-frontend\n"]);
  });

  test("says of what its bundle is made: the dependencies of package.json and what they need", () => {
    const [text = ""] = script("What the bundle is made of").split("npm run");
    const target = join(scratch, "bundle.spdx.json");
    const { status, stderr } = bash(
      text.replaceAll("release/bundle.spdx.json", target).replace("mkdir -p release", "mkdir -p"),
      { RUNNER_TEMP: scratch, npm_config_offline: "true" },
    );
    expect(status, stderr).toBe(0);
    const { packages } = JSON.parse(readFileSync(target, "utf8")) as {
      readonly packages: readonly { readonly name: string; readonly versionInfo: string }[];
    };
    const { dependencies } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    const found = packages.map(({ name, versionInfo }) => `${name} ${versionInfo}`);
    expect(found).toEqual(
      expect.arrayContaining(Object.entries(dependencies).map(([name, version]) => `${name} ${version}`)),
    );
    expect(found.filter((name) => /^(?:vitest|typescript|esbuild|node-)/.test(name))).toEqual([]);
  });

  test("takes the digests of both forms from what a push prints", () => {
    // Two lines, gzip's first: `frontend-image/cli.ts`.
    const [, after = ""] = /\| tee pushed\n([^]*)/.exec(script("Push by digest")) ?? [];
    const zstd = `sha256:${"a".repeat(64)}`;
    const gzip = `sha256:${"b".repeat(64)}`;
    const output = join(scratch, "output");
    const run = (pushed: string) =>
      bash(
        `cd ${scratch}\nprintf '${pushed}' > pushed\n${after.replaceAll(/\$\{\{ steps\.build\.outputs\.digest \}\}/g, zstd)}`,
        { REPOSITORY: "r.test/x", GITHUB_OUTPUT: output },
      );
    expect(run(`r.test/x@${gzip}\\nr.test/x@${zstd}\\n`).status).toBe(0);
    expect(readFileSync(output, "utf8")).toBe(`gzip=${gzip}\n`);
    expect(run(`r.test/x@${zstd}\\nr.test/x@${gzip}\\n`).status).toBe(1);
  });
});
