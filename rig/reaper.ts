// Run by reaper-start.ts as a process of its own: NAME LEASE. Ends that use of rig NAME when stdin, a pipe whose other
// end only the using process holds, comes to its end.
import { dropLease } from "./leases.ts";
import { rigPaths } from "./paths.ts";
import { stopUnused } from "./stop.ts";

const [name = "default", lease = ""] = process.argv.slice(2);
process.stdin.resume();
await new Promise((resolve) => {
  process.stdin.on("end", resolve);
  process.stdin.on("error", resolve);
});
dropLease(rigPaths(name), lease);
await stopUnused(name);
