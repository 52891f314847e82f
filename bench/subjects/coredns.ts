import { chmodSync, cpSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Subject } from "../types.ts";
import { replaceIn, writeFile } from "../workspace.ts";
import { goModCache, moduleFolder } from "./modules.ts";

const path = "github.com/coredns/coredns";
const version = "v1.15.0";

function makeWritable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true }).map(String)) {
    const file = join(folder, entry);
    chmodSync(file, statSync(file).isDirectory() ? 0o755 : 0o644);
  }
}

/** A large public service, as its module zip has it. */
export const coredns: Subject = {
  name: "coredns",
  description: `${path}@${version} from the module proxy`,
  module: path,
  main: ".",
  modules: true,
  write: async (folder) => {
    const source = await moduleFolder(path, version, goModCache());
    cpSync(source, folder, { recursive: true });
    makeWritable(folder);
    // It leaves out all but the finished binary, for the project's own Dockerfile.
    rmSync(join(folder, ".dockerignore"), { force: true });
    writeFile(join(folder, "service.yaml"), "# syntax=org/go-frontend\nname: coredns\nmain: .\n");
  },
  edits: {
    main: (folder, salt) =>
      replaceIn(join(folder, "coredns.go"), "func main() {", `func main() {\n\tprintln("${salt}")`),
  },
};
