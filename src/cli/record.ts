import { createHash } from "node:crypto";
import { PATHS, type PlanStage } from "../plan/index.ts";
import { opStages, type StageOp } from "./op-stages.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The steps of a build's record as stages: SLSA provenance of mode=max as BuildKit writes it, versions 0.2 and 1
 * (moby/buildkit:solver/llbsolver/provenance/types/types.go), as an in-toto statement, as its predicate alone, in the
 * metadata file of `docker buildx build`, or as `docker buildx imagetools inspect` prints it. Undefined where the JSON is something else.
 *
 * @throws an Error where the record holds no steps
 */
export function recordStages(json: unknown): readonly PlanStage[] | undefined {
  const predicates = predicatesOf(json);
  if (predicates.length === 0) return undefined;
  const ops = new Map(predicates.flatMap(opsOf).map((op) => [op.digest, op]));
  if (ops.size === 0) {
    throw new Error(
      "this record does not hold the build's steps: build with --provenance=mode=max; for the file of --metadata-file set BUILDX_METADATA_PROVENANCE=max as well",
    );
  }
  return opStages([...ops.values()]);
}

/** What clients put around predicates: the metadata file, and imagetools' `.Provenance`, by platform where there are several. */
const WRAPPING = /^(buildx\.build\.provenance(\/.*)?|SLSA|[a-z0-9]+\/[a-z0-9/]+)$/;

/** A record of several platforms has one for each. */
function predicatesOf(json: unknown): readonly Fields[] {
  const fields = fieldsOf(json);
  if (fields === undefined) return [];
  const statement = fieldsOf(fields["predicate"]);
  if (statement !== undefined) return predicatesOf(statement);
  if (isPredicate(fields)) return [fields];
  return Object.entries(fields)
    .filter(([name]) => WRAPPING.test(name))
    .flatMap(([, value]) => predicatesOf(value));
}

const isPredicate = (fields: Fields): boolean =>
  fieldsOf(fields["buildDefinition"]) !== undefined ||
  (typeof fields["buildType"] === "string" && fieldsOf(fields["invocation"]) !== undefined);

function opsOf(predicate: Fields): readonly StageOp[] {
  const parameters = fieldsOf(fieldsOf(predicate["buildDefinition"])?.["internalParameters"]);
  const config = fieldsOf(predicate["buildConfig"] ?? parameters?.["buildConfig"]);
  const steps = config?.["llbDefinition"];
  if (!Array.isArray(steps)) return [];
  // Steps are numbered within one record; a digest of what they say makes equal ones of several platforms one.
  const digests = new Map<string, string>();
  return steps.flatMap((entry: unknown): readonly StageOp[] => {
    const step = fieldsOf(entry) ?? {};
    const op = fieldsOf(readable(step["op"])) ?? {};
    const [[kind, body] = ["", undefined]] = Object.entries(fieldsOf(op["Op"]) ?? {});
    const inputs = strings(step["inputs"]).map((input) => {
      const [id = "", index = "0"] = input.split(":");
      return `${digests.get(id) ?? id}#${index}`;
    });
    const digest = createHash("sha256")
      .update(JSON.stringify([op, inputs]))
      .digest("hex");
    digests.set(String(step["id"]), digest);
    const what = fieldsOf(body);
    if (what === undefined) return []; // the last step only points at the result
    const platform = platformOf(fieldsOf(op["platform"]));
    return [{ digest, kind, name: nameOf(kind, what), platform, inputs, body: what }];
  });
}

/** A record has no names of ops: what one does, less what may change, has to tell which it is. */
function nameOf(kind: string, body: Fields): string {
  switch (kind) {
    case "source": {
      const hint = fieldsOf(body["attrs"])?.["local.sharedkeyhint"];
      const what = typeof hint === "string" ? ` ${hint.replace(/^go-frontend-/, "")}` : "";
      return `${String(body["identifier"])}${what}`;
    }
    case "exec":
      return execName(strings(fieldsOf(body["meta"])?.["args"]));
    case "file": {
      const [first] = Array.isArray(body["actions"]) ? (body["actions"] as readonly unknown[]) : [];
      const [[action, what] = ["", undefined]] = Object.entries(fieldsOf(fieldsOf(first)?.["Action"]) ?? {});
      const place = fieldsOf(what)?.["dest"] ?? fieldsOf(what)?.["path"];
      return typeof place === "string" ? `${action} ${place}` : kind;
    }
    default:
      return kind;
  }
}

/** Our own steps by their ids, which stand on their command line; others by the beginning of theirs. */
function execName([program = "", ...args]: readonly string[]): string {
  if (program === PATHS.program) return args.join(" ");
  if (program === "go" && args.includes("install")) return "helper";
  return [program, ...args].join(" ").slice(0, 60);
}

function platformOf(platform: Fields | undefined): string {
  if (platform === undefined) return "";
  const parts = [platform["OS"], platform["Architecture"], platform["Variant"]];
  return parts.filter((part) => typeof part === "string" && part !== "").join("/");
}

/**
 * An op in one order, since clients that pass a record on have orders of their own; and what a file holds as text,
 * which can be compared by line.
 */
function readable(value: unknown, key = ""): unknown {
  if (key === "data" && typeof value === "string") return Buffer.from(value, "base64").toString("utf8");
  if (Array.isArray(value)) return value.map((entry) => readable(entry));
  const fields = fieldsOf(value);
  if (fields === undefined) return value;
  const entries = Object.entries(fields).map(([name, entry]) => [name, readable(entry, name)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
