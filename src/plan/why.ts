import type { PlanStage, StageInput } from "./stages.ts";

/** Why one stage has to run again. */
export interface Reason {
  readonly stage: string;
  readonly because: readonly string[];
}

/** Long lists are cut: the first few name the cause. */
const MOST = 6;

/**
 * Compares two plans' stages and says, for each whose key changed, what changed in words: its own
 * inputs first, then the stages below it that changed. Stages that only one plan has are named too.
 */
export function explainChanges(before: readonly PlanStage[], after: readonly PlanStage[]): readonly Reason[] {
  const old = new Map(before.map((stage) => [stage.name, stage]));
  const changed = new Set<string>();
  const reasons: Reason[] = [];
  for (const stage of after) {
    const previous = old.get(stage.name);
    const because =
      previous === undefined
        ? ["it is new"]
        : [
            ...compareInputs(previous.inputs, stage.inputs),
            ...stage.needs.filter((name) => changed.has(name)).map((name) => `${name} changed`),
            ...previous.needs
              .filter((name) => !stage.needs.includes(name))
              .map((name) => `it no longer reads ${name}`),
          ];
    if (because.length === 0) continue;
    changed.add(stage.name);
    reasons.push({ stage: stage.name, because });
  }
  const still = new Set(after.map((stage) => stage.name));
  const gone = before.filter((stage) => !still.has(stage.name));
  return [...reasons, ...gone.map((stage) => ({ stage: stage.name, because: ["it is gone"] }))];
}

function compareInputs(before: readonly StageInput[], after: readonly StageInput[]): readonly string[] {
  const [old, present] = [entriesByKind(before), entriesByKind(after)];
  return [...new Set([...old.keys(), ...present.keys()])].flatMap((kind) => {
    const was = old.get(kind) ?? [];
    const is = present.get(kind) ?? [];
    const [once, now] = [new Set(was), new Set(is)];
    const removed = was.filter((entry) => !now.has(entry));
    const added = is.filter((entry) => !once.has(entry));
    if (removed.length + added.length === 0) {
      return was.join("\0") === is.join("\0") ? [] : [`${kind}: another order`];
    }
    return cut(pair(kind, removed, added));
  });
}

function entriesByKind(inputs: readonly StageInput[]): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(inputs, (input) => input.kind);
  return new Map([...groups].map(([kind, group]) => [kind, group.flatMap((input) => input.entries)]));
}

/** An entry that went and one that came with the same first word are one thing that changed. */
function pair(kind: string, removed: readonly string[], added: readonly string[]): readonly string[] {
  const head = (entry: string): string => entry.split(/[ =]/)[0] ?? entry;
  // The first of a head is taken first.
  const came = Map.groupBy(added, head);
  const lines = removed.map((entry) => {
    const other = came.get(head(entry))?.shift();
    if (other === undefined) return `${kind}: without ${entry}`;
    return kind === "file" || kind === "profile"
      ? `${kind} ${head(entry)} changed`
      : `${kind}: ${other} instead of ${entry}`;
  });
  const left = new Set([...came.values()].flat());
  return [
    ...lines,
    ...added
      .filter((entry) => left.has(entry))
      .map((entry) => `${kind}: with ${kind === "file" ? head(entry) : entry}`),
  ];
}

function cut(lines: readonly string[]): readonly string[] {
  return lines.length <= MOST
    ? lines
    : [...lines.slice(0, MOST), `… and ${lines.length - MOST} more of this kind`];
}
