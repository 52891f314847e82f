import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Clock ticks a second as /proc counts them (sysconf(_SC_CLK_TCK), 100 on every Linux that Go runs on). */
const ticks = 100;

/** CPU seconds that a process and the children it has waited for have used (proc(5), stat). */
function processSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0) / ticks;
  } catch {
    return 0;
  }
}

/** CPU seconds of a cgroup, of those of its processes too that have ended (cgroup v2). */
function cgroupSeconds(name: string): number {
  for (const base of ["/sys/fs/cgroup", ...hierarchies()]) {
    try {
      const text = readFileSync(join(base, name, "cpu.stat"), "utf8");
      return Number(/usage_usec (\d+)/.exec(text)?.[1] ?? 0) / 1e6;
    } catch {
      continue;
    }
  }
  return 0;
}

const hierarchies = (): readonly string[] =>
  readdirSync("/sys/fs/cgroup", { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join("/sys/fs/cgroup", entry.name));

/** CPU seconds of a daemon and of all steps and frontends it has run: what other work on the machine hardly changes. */
export const daemonSeconds = (pid: number, cgroup: string): number =>
  processSeconds(pid) + cgroupSeconds(cgroup);
