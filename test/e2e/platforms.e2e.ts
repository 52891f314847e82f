// Bases and toolchains that a registry holds for other platforms than the build asks for, as a client shows them.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { project } from "./support/project.ts";
import { type Run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const work = scratchDir();
const other = process.arch === "arm64" ? "amd64" : "arm64";
const same = process.arch === "arm64" ? "arm64" : "amd64";
let clients: Clients;
/** One manifest for the other architecture, and an index with the same and nothing for this one. */
let manifest: string;
let index: string;

beforeAll(async () => {
  clients = await clientsOf(rig);
  [manifest, index] = await Promise.all([push("manifest", false), push("index", true)]);
});
afterAll(work.remove);

/** Pushes an image for the other architecture to the rig's registry; attestations make it an index. */
async function push(tag: string, attested: boolean): Promise<string> {
  const folder = project(work.path, { Dockerfile: "FROM scratch\nCOPY file /file\n", file: tag });
  const name = `${rig.registry}/platforms/${other}:${tag}`;
  const options = [`--platform=linux/${other}`, `--provenance=${attested}`, "--push", `--tag=${name}`];
  await succeeded(clients.buildx(["build", ...options, folder]));
  return name;
}

function build(description: string, ...args: readonly string[]): Promise<Run> {
  const dir = project(work.path, { "service.yaml": `${syntax}\n${description}\n` });
  return clients.buildx(["build", "--progress=plain", "-f", join(dir, "service.yaml"), ...args, dir]);
}

describe("a base that is for another platform", () => {
  test("and one manifest is taken with a warning at its line", async () => {
    const { code, stderr } = await build(`image: { base: "${manifest}" }`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain(
      `service.yaml:2:16: GF072 warning: base image ${manifest} is for linux/${other}, and the image for linux/${same}`,
    );
  });

  test("and an index is refused before anything is compiled", async () => {
    const { code, stdout, stderr } = await build(`image: { base: "${index}" }`);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(
      `service.yaml:2:16: GF070 base image ${index} is there, but not for linux/${same}`,
    );
    expect(stderr).not.toContain("[helper]");
  });

  test("is no fault where the image is for that one too", async () => {
    const { code, stderr } = await build(`image: { base: "${manifest}" }`, `--platform=linux/${other}`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).not.toContain("GF072");
  });
});

test("a toolchain image that is not for the builder is refused at its line", async () => {
  const { code, stdout, stderr } = await build(`toolchain: "${index}"`);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain(
    `service.yaml:2:12: GF071 toolchain image ${index} is there, but not for linux/${same}`,
  );
});
