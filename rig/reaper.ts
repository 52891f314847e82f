// Run by reaper-start.ts as a process of its own: NAME PID. Ends the use of rig NAME by process PID when stdin,
// a pipe whose other end only that process holds, comes to its end.
import { dropLeaseOf } from "./leases.ts";
import { rigPaths } from "./paths.ts";
import { releaseUnused } from "./rig.ts";

const [name = "default", pid = ""] = process.argv.slice(2);
process.stdin.resume();
await new Promise((resolve) => {
  process.stdin.on("end", resolve);
  process.stdin.on("error", resolve);
});
dropLeaseOf(rigPaths(name), pid);
await releaseUnused(name);
