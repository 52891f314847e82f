// `go-frontend why` on the records of two real builds: the attestation that is pushed, and the client's metadata file.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { readStatements } from "./support/oci.ts";
import { project } from "./support/project.ts";
import { succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const work = scratchDir();
let clients: Clients;

beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(work.remove);

interface Records {
  readonly metadata: string;
  readonly attestation: string;
}

/** Builds the same service from a description and keeps what is said about the build. */
async function build(name: string, description: string): Promise<Records> {
  const dir = project(work.path, { "service.yaml": `${syntax}\n${description}` });
  const metadata = join(work.path, `${name}.metadata.json`);
  const layout = join(work.path, `${name}.tar`);
  const record = ["--provenance=mode=max", "--metadata-file", metadata, "-o", `type=oci,dest=${layout}`];
  await succeeded(
    clients.buildx(["build", "-f", join(dir, "service.yaml"), "--platform=linux/amd64", ...record, dir], {
      env: { BUILDX_METADATA_PROVENANCE: "max" },
    }),
  );
  const [statement = expect.fail("no attestation")] = readStatements(layout);
  const attestation = join(work.path, `${name}.attestation.json`);
  writeFileSync(attestation, statement);
  return { metadata, attestation };
}

async function why(a: string, b: string): Promise<string> {
  let out = "";
  const terminal = {
    out: (text: Uint8Array | string) => void (out += String(text)),
    isTerminal: false,
    cwd: work.path,
  };
  let err = "";
  const code = await runCli(["why", a, b], { ...terminal, err: (text) => void (err += text) });
  expect([code, err]).toEqual([0, ""]);
  return out;
}

test("the step that ran again is named with its reason, from either record", async () => {
  const stripped = await build("stripped", "");
  const full = await build("full", "build: { strip: false }\n");
  expect(readFileSync(stripped.metadata, "utf8")).toContain("llbDefinition");

  expect(await why(stripped.metadata, stripped.attestation)).toMatch(
    /^nothing changed: every one of \d+ stages/,
  );
  for (const [before, after] of [
    [stripped.metadata, full.metadata],
    [stripped.attestation, full.attestation],
    [stripped.attestation, full.metadata],
  ] as const) {
    const text = await why(before, after);
    expect(text.split("\n").filter((line) => /^[^ ]/.test(line))).toEqual(["build . linux/amd64", "merge"]);
    expect(text).toContain("command: -ldflags=-buildid= instead of -ldflags=-s -w -buildid=");
  }
});
