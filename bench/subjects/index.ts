import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../rig/index.ts";
import type { EditName, Subject } from "../types.ts";
import { dataFolder, ensureFolder, mirrorFolder } from "../workspace.ts";
import { coredns } from "./coredns.ts";
import { firstParty } from "./first-party.ts";
import { downloadModules, goModCache } from "./modules.ts";
import { monorepo } from "./monorepo.ts";
import { orders } from "./orders.ts";
import { svc } from "./svc.ts";
import { visits } from "./visits.ts";

export const subjects = { svc, coredns, "first-party": firstParty, monorepo, orders, visits } as const;
export type SubjectName = keyof typeof subjects;
export { goModCache };

const sourceFolder = (subject: Subject): string => join(dataFolder(), "subjects", subject.name);

/** Writes a subject's files, and fetches its modules into the folder that the module proxy serves. */
export async function prepareSubject(subject: Subject, log: Log): Promise<void> {
  // Large trees are generated once; small ones are copied each time, since they are edited in the repository.
  if (["svc", "orders", "visits"].includes(subject.name)) {
    rmSync(sourceFolder(subject), { recursive: true, force: true });
  }
  await ensureFolder(sourceFolder(subject), async (folder) => {
    log(`writing ${subject.name}: ${subject.description}`);
    await subject.write(folder);
  });
  if (!subject.modules) return;
  const scratch = join(dataFolder(), "work", `${subject.name}-modules`);
  for (const edit of [undefined, "bump-leaf", "bump-root"] as const) {
    const change = edit === undefined ? undefined : subject.edits[edit];
    if (edit !== undefined && change === undefined) continue;
    mirrorFolder(
      sourceFolder(subject),
      scratch,
      (path) => !/\/(web|docs|deploy|ml|mobile|assets)(\/|$)/.test(path),
    );
    change?.(scratch, "0");
    await downloadModules(scratch, goModCache());
  }
  rmSync(scratch, { recursive: true, force: true });
}

/**
 * A folder with the subject's files as they are, or with one change: the same path for each purpose, so that
 * clients and daemons see what they would see in a checkout.
 */
export function workFolder(subject: Subject, purpose: string, edit?: EditName, salt = "1"): string {
  const folder = join(dataFolder(), "work", `${subject.name}-${purpose}`);
  mirrorFolder(sourceFolder(subject), folder, (path) => !path.endsWith("/.complete"));
  if (edit !== undefined) {
    const change = subject.edits[edit];
    if (change === undefined) throw new Error(`${subject.name} has no edit ${edit}`);
    change(folder, salt);
  }
  return folder;
}
