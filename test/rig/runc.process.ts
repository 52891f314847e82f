// Which runc the rig takes: one that runs, wherever files of that name lie.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureRunc, logToStderr, runCommand } from "../../rig/index.ts";
import { installedRunc } from "../../rig/runc.ts";

let work = "";
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "rig-runc-"));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

/** A folder of PATH with something called runc in it. */
function folder(name: string, put: (path: string) => void): string {
  mkdirSync(join(work, name));
  put(join(work, name, "runc"));
  return join(work, name);
}

const script = (text: string, mode: number) => (path: string) => {
  writeFileSync(path, text);
  chmodSync(path, mode);
};

test("a file of that name is believed when it runs and says that it is runc", async () => {
  const real = await ensureRunc(logToStderr);
  const broken = [
    folder("no-program", script("not a program", 0o755)),
    folder("not-executable", script("#!/bin/sh\necho runc version 1\n", 0o644)),
    folder("of-another-machine", script("\x7fELF\x02\x01\x01", 0o755)),
    folder("another-program", script("#!/bin/sh\necho something else\n", 0o755)),
    folder("failing", script("#!/bin/sh\nexit 1\n", 0o755)),
    folder("folder", (path) => mkdirSync(path)),
    folder("broken-link", (path) => symlinkSync("/no/such/file", path)),
  ];
  const right = folder("right", (path) => symlinkSync(real, path));
  const env = { PATH: ["", ...broken, right].join(delimiter) };
  expect(await installedRunc(env)).toBe(join(right, "runc"));
  expect(await installedRunc({ PATH: broken.join(delimiter) })).toBeUndefined();
});

test("with none installed it is Debian's, unpacked and not installed, and runs", async () => {
  const path = process.env["PATH"];
  // apt-get and dpkg-deb by links, as the folder that they lie in may hold a runc too.
  const tools = folder("no-program", script("not a program", 0o755));
  for (const name of ["apt-get", "dpkg-deb", "tar", "xz"]) symlinkSync(`/usr/bin/${name}`, join(tools, name));
  process.env["PATH"] = tools;
  try {
    const runc = await ensureRunc(logToStderr);
    expect((await runCommand(runc, ["--version"])).stdout).toMatch(/^runc version /m);
  } finally {
    process.env["PATH"] = path;
  }
});
