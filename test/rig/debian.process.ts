import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { packageLists } from "../../rig/standins/debian.ts";

const folder = mkdtempSync(join(tmpdir(), "debian-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A package with a file, a link and an empty directory. */
function pack(name: string, multiArch: string): string {
  const root = join(folder, name);
  mkdirSync(join(root, "DEBIAN"), { recursive: true });
  mkdirSync(join(root, "usr/share", name, "empty"), { recursive: true });
  writeFileSync(join(root, "usr/share", name, "a file"), "x");
  symlinkSync("a file", join(root, "usr/share", name, "link"));
  const fields = [
    `Package: ${name}`,
    "Version: 1",
    "Architecture: amd64",
    `Multi-Arch: ${multiArch}`,
    "Maintainer: nobody <nobody@example.com>",
    "Description: test",
  ];
  writeFileSync(join(root, "DEBIAN/control"), `${fields.join("\n")}\n`);
  const archive = join(folder, `${name}.deb`);
  execFileSync("dpkg-deb", ["--build", "--root-owner-group", root, archive], { stdio: "pipe" });
  return archive;
}

test("lists of a package's files are those that dpkg writes when it unpacks the package", async () => {
  const archives = [pack("first", "no"), pack("second", "same")];
  const system = join(folder, "system");
  const database = join(system, "var/lib/dpkg");
  for (const name of ["info", "updates"]) mkdirSync(join(database, name), { recursive: true });
  writeFileSync(join(database, "status"), "");
  writeFileSync(join(database, "arch"), "amd64\n");
  execFileSync("dpkg", [`--root=${system}`, "--force-all", "--unpack", ...archives], { stdio: "pipe" });
  const lists = await packageLists(archives);
  expect([...lists.keys()]).toEqual(["first", "second:amd64"]);
  for (const [name, text] of lists) {
    const written = readFileSync(join(database, "info", `${name}.list`), "utf8");
    expect(text.split("\n").toSorted()).toEqual(written.split("\n").toSorted());
  }
});
