// Services that others wrote, as the module proxy has them: built by the packaged frontend from a description of one or
// two lines, run, and held against what `go build` makes of the same source by hand.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { cacheFolder, runCommand } from "../../rig/index.ts";
import { type DemoOptions, type Subject } from "../../scripts/demo/options.ts";
import { type DemoResult, startDemo } from "../../scripts/demo/demo.ts";

const rig = inject("rig");

interface Service {
  readonly subject: Subject & { kind: "module" };
  readonly main: string;
  /** Below the syntax line. */
  readonly description?: readonly string[];
  readonly ldflags?: string;
  readonly run?: readonly string[];
  readonly says: RegExp;
}

const services: readonly Service[] = [
  {
    // A small service that answers with what it was asked, in the place of traefik/whoami.
    subject: { kind: "module", module: "github.com/mccutchen/go-httpbin/v2", version: "v2.26.0" },
    main: "./cmd/go-httpbin",
    says: /go-httpbin listening on/,
  },
  {
    subject: { kind: "module", module: "github.com/caddyserver/caddy/v2", version: "v2.11.9" },
    main: "./cmd/caddy",
    description: [
      "main: ./cmd/caddy",
      "build:",
      "  vars: { github.com/caddyserver/caddy/v2.CustomVersion: v2.11.9 }",
    ],
    ldflags: "-X github.com/caddyserver/caddy/v2.CustomVersion=v2.11.9",
    run: ["version"],
    says: /^v2\.11\.9/m,
  },
  {
    subject: { kind: "module", module: "github.com/coredns/coredns", version: "v1.15.0" },
    main: ".",
    run: ["-version"],
    says: /^CoreDNS-1\.15\.0$/m,
  },
];

interface Row {
  readonly service: string;
  readonly ours: DemoResult;
  readonly oursBytes: number;
  readonly handBytes: number;
  readonly handSeconds: number;
}
const rows: Row[] = [];
const folder = mkdtempSync(join(tmpdir(), "third-party-e2e-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  console.log(table(rows));
});

const quiet: string[] = [];
async function demoOf(service: Service): Promise<DemoResult> {
  const file = join(folder, "description.yaml");
  writeFileSync(file, ["# syntax=org/go-frontend", ...(service.description ?? []), ""].join("\n"));
  const options: DemoOptions = {
    subject: { ...service.subject, file },
    platforms: [],
    rig: rig.name,
    call: "/get",
    ...(service.run === undefined ? {} : { run: service.run }),
  };
  return startDemo(options, (line) => quiet.push(line)).result;
}

/** The executable of an image. */
async function executableOf(result: DemoResult): Promise<string> {
  const [entrypoint = ""] = result.image.platforms[0]?.config.Entrypoint ?? [];
  const tar = join(folder, "image.tar");
  await runCommand(rig.tools.crane, ["export", result.image.reference, tar]);
  await runCommand("tar", ["-x", "-C", folder, "-f", tar, entrypoint.slice(1)]);
  return join(folder, entrypoint);
}

/** The host's go command, as the release that the image was built with. */
const go = async (source: string, toolchain: string, args: readonly string[]): Promise<unknown> =>
  runCommand("go", args, {
    cwd: source,
    env: {
      ...process.env,
      CGO_ENABLED: "0",
      GOTOOLCHAIN: toolchain,
      GOFLAGS: "",
      GOWORK: "off",
      GOCACHE: handCache,
    },
  });

/** What a person would type. */
async function byHand(source: string, main: string, toolchain: string, ldflags: string): Promise<string> {
  const output = join(folder, "by-hand");
  await go(source, toolchain, ["build", "-trimpath", `-ldflags=${ldflags}`, "-o", output, main]);
  return output;
}

const handCache = join(cacheFolder(), "demo", "by-hand");
const digest = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

describe.each(services)("$subject.module", (service) => {
  const minutes = 60_000;
  test(
    "is built from a short description, runs, and is what go build makes",
    { timeout: 45 * minutes },
    async () => {
      quiet.length = 0;
      const ours = await demoOf(service).catch((error: unknown) => {
        throw new Error(quiet.join("\n"), { cause: error });
      });
      const text = readFileSync(ours.build.source.file, "utf8");
      expect(text.split("\n").length).toBeLessThanOrEqual(8);
      expect(ours.run?.output).toMatch(service.says);
      if (service.run === undefined) expect(ours.run?.answered).toBe(true);
      else expect(ours.run?.exit).toBe(0);
      expect(ours.image.platforms[0]?.config.User).toBe("65532:65532");

      const executable = await executableOf(ours);
      const { stdout: info } = await runCommand("go", ["version", executable]);
      const toolchain = /go1\.\S+/.exec(info)?.[0] ?? "";
      // Its modules are fetched before the clock starts, and only those that the main package needs.
      await go(ours.build.source.folder, toolchain, ["list", "-deps", service.main]);
      const start = performance.now();
      const flags = `-s -w ${service.ldflags ?? ""}`.trimEnd();
      const hand = await byHand(ours.build.source.folder, service.main, toolchain, flags);
      const handSeconds = (performance.now() - start) / 1000;
      const handBytes = readFileSync(hand).length;
      // Only the build id differs: without it, which names the link's inputs, the same bytes come out.
      const same = await byHand(ours.build.source.folder, service.main, toolchain, `-buildid= ${flags}`);
      expect(digest(executable)).toBe(digest(same));
      rows.push({
        service: `${service.subject.module}@${service.subject.version}`,
        ours,
        oursBytes: readFileSync(executable).length,
        handBytes,
        handSeconds,
      });
    },
  );
});

function table(all: readonly Row[]): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2);
  const step = (result: DemoResult, word: string): string => {
    // Of steps that run side by side, such as the parts of a download, the longest.
    const [found] = result.times.steps
      .filter(({ name }) => name.includes(word))
      .toSorted((a, b) => b.seconds - a.seconds);
    return found === undefined ? "none" : found.cached ? "cached" : `${found.seconds.toFixed(1)} s`;
  };
  return [
    "| service | image compressed, MB | unpacked, MB | executable, MB | by hand, MB | build and push | modules | dependencies | link | go build by hand |",
    "|---|---|---|---|---|---|---|---|---|---|",
    ...all.map(({ service, ours, oursBytes, handBytes, handSeconds }) => {
      const [image] = ours.image.platforms;
      const stage = ours.stages.find(({ name }) => name === "build and push");
      const cells = [
        service,
        megabytes(image?.compressed ?? 0),
        megabytes(image?.unpacked ?? 0),
        megabytes(oursBytes),
        megabytes(handBytes),
        `${(stage?.seconds ?? 0).toFixed(1)} s`,
        step(ours, "] go mod "),
        step(ours, "[deps "),
        step(ours, "] go build ."),
        `${handSeconds.toFixed(1)} s`,
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ].join("\n");
}
