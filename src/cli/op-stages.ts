import { ARGUMENTS, argumentsIn, type PlanStage, type StageInput } from "../plan/index.ts";

/** One op of a graph, wherever it was read. */
export interface StageOp {
  readonly digest: string;
  readonly kind: string;
  /** For people; several may have one. */
  readonly name: string;
  /** `linux/amd64`, or empty. */
  readonly platform: string;
  /** `DIGEST#INDEX` */
  readonly inputs: readonly string[];
  /** What it does, as plain data. */
  readonly body: unknown;
}

/**
 * A graph's ops as stages: named by their ops' names, with what they do as inputs. Files that stand in the graph itself
 * are inputs of the stages that read them.
 */
export function opStages(ops: readonly StageOp[]): readonly PlanStage[] {
  const made = new Map(ops.flatMap((op) => (isMade(op) ? [[op.digest, inputsOf(op)] as const] : [])));
  const names = uniqueNames(ops.filter(({ digest }) => !made.has(digest)));
  return ops.flatMap((op): readonly PlanStage[] => {
    if (made.has(op.digest)) return [];
    const read = [...new Set(op.inputs.map((input) => input.split("#")[0] ?? ""))];
    return [
      {
        name: names.get(op.digest) ?? op.digest,
        needs: read.filter((digest) => !made.has(digest)).map((digest) => names.get(digest) ?? digest),
        inputs: [...inputsOf(op), ...read.flatMap((digest) => made.get(digest) ?? [])],
      },
    ];
  });
}

/** Whether all that an op does is to make files, out of nothing. */
const isMade = ({ kind, inputs }: StageOp): boolean => kind === "file" && inputs.length === 0;

function inputsOf({ kind, platform, body }: StageOp): readonly StageInput[] {
  const found: Found = { entries: [], files: [] };
  flatten(body, "", found);
  const on: readonly StageInput[] = platform === "" ? [] : [{ kind: "platform", entries: [platform] }];
  return [...on, { kind, entries: found.entries }, ...found.files];
}

/** Vertices with the same name get numbers. */
function uniqueNames(ops: readonly StageOp[]): ReadonlyMap<string, string> {
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

interface Found {
  readonly entries: string[];
  /** Files that stand in the graph itself, by name, with an entry for each line. */
  readonly files: StageInput[];
}

/** One entry for each value. */
function flatten(value: unknown, path: string, found: Found): void {
  const { entries } = found;
  if (value === undefined || value === null) return;
  if (typeof value === "string") {
    linesOf(value).forEach((line, index) => entries.push(index === 0 ? `${path}=${line}` : line));
  } else if (typeof value !== "object") {
    entries.push(`${path}=${JSON.stringify(value)}`);
  } else if (Array.isArray(value)) {
    for (const entry of value as readonly unknown[]) flatten(entry, path, found);
  } else {
    for (const [key, entry] of Object.entries(value)) {
      const at = path === "" ? key : `${path}.${key}`;
      if (!isMadeFile(entry)) flatten(entry, at, found);
      else found.files.push(madeFile(entry.path.replace(/^.*\//, ""), entry.data));
    }
  }
}

function madeFile(name: string, text: string): StageInput {
  const command = name === ARGUMENTS ? argumentsIn(text) : undefined;
  return command === undefined
    ? { kind: name, entries: linesOf(text) }
    : { kind: "command", entries: command };
}

function isMadeFile(value: unknown): value is { readonly path: string; readonly data: string } {
  if (typeof value !== "object" || value === null || !("path" in value && "data" in value)) return false;
  return typeof value.path === "string" && typeof value.data === "string";
}

/** Lines with words in them, so that a changed line of go.sum or go.mod is shown by itself. */
function linesOf(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /\w/.test(line));
}
