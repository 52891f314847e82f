// Run by container.ts as a process of its own: RUNC ROOT ID FOLDER. Removes that container and its folder when stdin, a
// pipe whose other end only the demo holds, comes to its end; so nothing stays however the demo ends.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";

const [runc = "", root = "", id = "", folder = ""] = process.argv.slice(2);
process.stdin.resume();
await new Promise((resolve) => {
  process.stdin.on("end", resolve);
  process.stdin.on("error", resolve);
});
// A container that is just being created is not there for `delete` yet, but is a moment later.
for (let round = 0; round < 2; round += 1) {
  spawnSync(runc, ["--root", root, "delete", "--force", id], { stdio: "ignore" });
  await new Promise((resolve) => setTimeout(resolve, 100));
}
rmSync(folder, { recursive: true, force: true });
