// Makes a failing sequence smaller as long as it still fails: fewer steps, simpler steps, simpler projects.
import { plainProject, type Project } from "./project.ts";
import { type Edit, plainStep, type Sequence, type Step } from "./sequence.ts";

/** Whether a sequence fails; each call plays it on builders that know nothing of it. */
export type Fails = (sequence: Sequence) => Promise<boolean>;

/**
 * The smallest sequence found that still fails. What fails is not changed any further by taking out a step, by a
 * simpler value in a step or by a simpler value in all tenants' projects.
 *
 * @param sequence one that fails
 * @param plays how often to play a sequence at most
 */
export async function shrink(sequence: Sequence, fails: Fails, plays: number): Promise<Sequence> {
  let left = plays;
  const attempt: Attempt = async (before, after) => {
    if (left === 0 || JSON.stringify(before) === JSON.stringify(after)) return before;
    left--;
    return (await fails(after)) ? after : before;
  };
  let smallest = await quickerSteps(sequence, attempt);
  for (let size = 0; left > 0;) {
    smallest = await fewerSteps(smallest, attempt);
    smallest = await simplerProjects(smallest, attempt);
    smallest = await simplerSteps(smallest, attempt);
    const now = JSON.stringify(smallest).length;
    if (now === size) break;
    size = now;
  }
  return smallest;
}

/** Gives the second sequence when that fails too, else the first. */
type Attempt = (before: Sequence, after: Sequence) => Promise<Sequence>;

/** What takes long goes first, in all steps and projects at once: each further play is the shorter for it. */
async function quickerSteps(sequence: Sequence, attempt: Attempt): Promise<Sequence> {
  let smallest = sequence;
  const quick = { heavy: 0, many: 0, packages: 0 };
  const withoutSlow = (edit: Edit): Edit =>
    Object.fromEntries(Object.entries(edit).filter(([key]) => !(key in quick)));
  smallest = await attempt(smallest, {
    tenants: smallest.tenants.map((project) => ({ ...project, ...quick })),
    steps: smallest.steps.map((step) => ({ ...step, edit: withoutSlow(step.edit) })),
  });
  const plain = (...which: readonly (typeof parts)[number][]): Sequence => ({
    ...smallest,
    steps: smallest.steps.map((step) => which.reduce(withPlain, step)),
  });
  smallest = await attempt(smallest, plain(...parts));
  for (const part of parts) smallest = await attempt(smallest, plain(part));
  return smallest;
}

/** Takes out half of the steps, a quarter, … a single one: delta debugging over the steps before the last one. */
async function fewerSteps(sequence: Sequence, attempt: Attempt): Promise<Sequence> {
  let smallest = sequence;
  for (let size = Math.max(1, sequence.steps.length >> 1); ; size >>= 1) {
    for (let end = smallest.steps.length; end > 0; end -= size) {
      const from = Math.max(0, end - size);
      const steps = smallest.steps.filter((_step, at) => at < from || at >= end);
      if (steps.length > 0) smallest = await attempt(smallest, { ...smallest, steps });
    }
    if (size === 1) return smallest;
  }
}

/** Gives each step's parts their plain values, all at once where that goes. */
async function simplerSteps(sequence: Sequence, attempt: Attempt): Promise<Sequence> {
  let smallest = sequence;
  for (let at = 0; at < smallest.steps.length; at++) {
    const set = async (change: (step: Step) => Step): Promise<void> => {
      const steps = smallest.steps.map((step, index) => (index === at ? change(step) : step));
      smallest = await attempt(smallest, { ...smallest, steps });
    };
    await set((step) => parts.reduce(withPlain, step));
    for (const part of parts) await set((step) => withPlain(step, part));
    for (const key of Object.keys(smallest.steps[at]?.edit ?? {})) {
      await set((step) => ({
        ...step,
        edit: Object.fromEntries(Object.entries(step.edit).filter(([name]) => name !== key)),
      }));
    }
  }
  return smallest;
}

const parts = ["during", "before", "cache", "builder", "namespace", "context", "beside"] as const;

const withPlain = (step: Step, part: (typeof parts)[number]): Step => ({ ...step, [part]: plainStep[part] });

/** Gives the tenants' first projects plain values: all, then half of them, … one; and leaves out a tenant that does nothing. */
async function simplerProjects(sequence: Sequence, attempt: Attempt): Promise<Sequence> {
  let smallest = withoutIdle(sequence);
  if (smallest !== sequence) smallest = await attempt(sequence, smallest);
  const keys = Object.keys(plainProject).filter((key) =>
    smallest.tenants.some((project) => valueOf(project, key) !== valueOf(plainProject, key)),
  );
  for (let size = keys.length; size > 0; size >>= 1) {
    for (let from = 0; from < keys.length; from += size) {
      const plain = keys.slice(from, from + size).map((key) => [key, valueOf(plainProject, key)] as const);
      for (const only of [undefined, ...smallest.tenants.keys()]) {
        const tenants = smallest.tenants.map((project, at) =>
          only === undefined || only === at ? { ...project, ...Object.fromEntries(plain) } : project,
        );
        const before = smallest;
        smallest = await attempt(smallest, { ...smallest, tenants });
        if (only === undefined && smallest !== before) break;
      }
    }
  }
  return smallest;
}

function withoutIdle(sequence: Sequence): Sequence {
  const busy = sequence.tenants.flatMap((_project, at) =>
    sequence.steps.some(({ tenant }) => tenant === at) ? [at] : [],
  );
  if (busy.length === sequence.tenants.length) return sequence;
  return {
    tenants: sequence.tenants.filter((_project, at) => busy.includes(at)),
    steps: sequence.steps.map((step) => ({ ...step, tenant: busy.indexOf(step.tenant) })),
  };
}

const valueOf = (project: Project, key: string): unknown =>
  new Map<string, unknown>(Object.entries(project)).get(key);
