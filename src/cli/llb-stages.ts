import { type Definition, dump, type Json } from "../llb/index.ts";
import type { PlanStage, StageInput } from "../plan/index.ts";

/** A graph's ops as stages, whoever made the graph: named by their vertex names, with what they do as inputs. */
export function definitionStages(definition: Definition): readonly PlanStage[] {
  const { ops } = dump(definition) as unknown as { readonly ops: readonly Op[] };
  const names = uniqueNames(ops);
  return ops.map((op) => ({
    name: names.get(op.digest) ?? op.digest,
    needs: (op.inputs ?? []).map((input) => names.get(input.split("#")[0] ?? "") ?? input),
    inputs: bodyInputs(op),
  }));
}

interface Op {
  readonly digest: string;
  readonly kind: string;
  readonly name: string;
  readonly platform?: string;
  readonly inputs?: readonly string[];
  readonly [body: string]: Json | undefined;
}

/** Vertices of one name are told apart by their number. */
function uniqueNames(ops: readonly Op[]): ReadonlyMap<string, string> {
  const seen = new Map<string, number>();
  return new Map(
    ops.map((op) => {
      // A digest in a name, such as an image's, is what may have changed: it is no part of the identity.
      const name = op.name.replace(/@sha256:[0-9a-f]{64}/g, "");
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      return [op.digest, count === 1 ? name : `${name} (${count})`];
    }),
  );
}

function bodyInputs(op: Op): readonly StageInput[] {
  const entries: string[] = [];
  flatten(op[op.kind], "", entries);
  const platform: StageInput[] =
    op.platform === undefined ? [] : [{ kind: "platform", entries: [op.platform] }];
  return [...platform, { kind: op.kind, entries }];
}

/** One entry for each value; a text of several lines is one entry a line, so that go.sum's lines are told apart. */
function flatten(value: Json | undefined, path: string, entries: string[]): void {
  if (value === undefined || value === null) return;
  if (typeof value === "string") {
    const lines = value.split("\n").filter((line) => line.trim() !== "");
    for (const line of lines) entries.push(lines.length === 1 ? `${path}=${line}` : line.trim());
  } else if (typeof value !== "object") {
    entries.push(`${path}=${String(value)}`);
  } else if (Array.isArray(value)) {
    for (const each of value as readonly Json[]) flatten(each, path, entries);
  } else {
    for (const [key, each] of Object.entries(value)) {
      flatten(each, path === "" ? key : `${path}.${key}`, entries);
    }
  }
}
