// A run's tenants and what they do, made from a seed, as plain data that any part can be taken out of.
import fc from "fast-check";
import { plainProject, type Project } from "./project.ts";

export type Edit = Partial<Project>;

/** One build by one tenant, what is changed before it, and what happens to it. */
export interface Step {
  readonly tenant: number;
  /** Values that the project has from now on; each means the same whatever was before. */
  readonly edit: Edit;
  /**
   * All files of an archive carry one time, all files of a git commit, and all of a folder that was unpacked; in another
   * folder what is written has a new one.
   */
  readonly context: "folder" | "unpacked" | "git" | "archive";
  /** BUILDKIT_CACHE_MOUNT_NS; empty: without. */
  readonly namespace: "" | "pr" | "release";
  /** Which of two builders builds. They share nothing but the registry. */
  readonly builder: 0 | 1;
  readonly cache: "none" | "export" | "import" | "both";
  readonly before: "nothing" | "mounts are pruned" | "the daemon is restarted";
  readonly during:
    | "nothing"
    | "the compiler of a module is killed"
    | "the service's compiler is killed"
    | "the client is killed"
    | "the daemon is killed";
  /** What the next tenant edits before it builds at the same time, in the same way; undefined: nobody builds beside it. */
  readonly beside: Edit | undefined;
}

/** The tenant that a step has build at the same time, if any. */
export function neighbourOf({ tenant, beside }: Step, tenants: number): number | undefined {
  return beside === undefined || tenants < 2 ? undefined : (tenant + 1) % tenants;
}

export interface Sequence {
  /** The tenants' projects before the first step. */
  readonly tenants: readonly Project[];
  readonly steps: readonly Step[];
}

/** Kinds of steps and projects that a run can leave out. */
export const kinds = [
  "git",
  "archive",
  "namespaces",
  "builders",
  "caches",
  "prune",
  "restart",
  "kill",
  "together",
  "layouts",
  "foreign",
  "many",
  "packages",
  "links",
  "releases",
  "services",
  "profiles",
  "unpacked",
  "cgo",
] as const;
export type Kind = (typeof kinds)[number];

/** The simplest step: an ordinary build. */
export const plainStep: Step = {
  tenant: 0,
  edit: {},
  context: "folder",
  namespace: "",
  builder: 0,
  cache: "none",
  before: "nothing",
  during: "nothing",
  beside: undefined,
};

export const stepsPerSequence = 12;

/** The sequence that a seed stands for: always the same one with the same kinds left out. */
export function sequenceOf(seed: number, without: readonly Kind[] = []): Sequence {
  const [sequence] = fc.sample(fc.noBias(sequences((kind) => !without.includes(kind))), { seed, numRuns: 1 });
  if (sequence === undefined) throw new Error(`no sequence of seed ${seed}`);
  return sequence;
}

/** The projects of all tenants after a step. */
export function afterStep(tenants: readonly Project[], step: Step): readonly Project[] {
  const neighbour = neighbourOf(step, tenants.length);
  return tenants.map((project, at) => {
    if (at === step.tenant) return { ...project, ...step.edit };
    return at === neighbour ? { ...project, ...step.beside } : project;
  });
}

type Has = (kind: Kind) => boolean;

/** Few values, so that projects come back to what they were, and to what another tenant's are. */
const number = fc.integer({ min: 101, max: 103 });

const heavyVersion = fc.integer({ min: 1, max: 6 });

const weighted = <T>(...choices: readonly (readonly [weight: number, value: T])[]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

const choices = {
  goLine: fc.constantFrom("1.25", "1.26"),
  debug: fc.constantFrom("absent", "comment", "set"),
  main: number,
  stamp: number,
  folder: fc.constantFrom("a1", "a2", "b1"),
  file: fc.constantFrom("value.go", "other.go", "value_linux.go"),
  value: number,
  extra: fc.constantFrom(
    "absent",
    "zz_generated.go",
    "zz_generated_amd64.go",
    "zz_generated_arm64.go",
    "zz_test.go",
  ),
  extraValue: number,
  assembly: fc.constantFrom("absent", "near", "outside"),
  near: number,
  header: number,
  nested: number,
  text: number,
  textFile: fc.constantFrom("a.txt", "b.txt"),
  pick: fc.constantFrom("first", "second"),
  tag: fc.boolean(),
  lib: fc.constantFrom(0, 1, 2),
  libHeader: number,
} as const satisfies { readonly [K in keyof Project]?: fc.Arbitrary<Project[K]> };

/** What makes a project large or slow is decided once for all tenants of a sequence. */
const shapes = (
  has: Has,
): fc.Arbitrary<Pick<Project, "layout" | "assembly" | "foreign" | "heavy" | "many" | "packages" | "cgo">> =>
  fc.record({
    layout: has("layouts")
      ? weighted([3, "proxy"], [1, "vendor"], [1, "workspace"], [1, "replace"])
      : fc.constant("proxy"),
    assembly: weighted([1, "absent"], [2, "near"], [3, "outside"]),
    foreign: has("foreign") ? weighted([4, false], [1, true]) : fc.constant(false),
    heavy: has("kill") ? weighted([4, 0], [1, 1]) : fc.constant(0),
    many: has("many") ? weighted([9, 0], [1, 1]) : fc.constant(0),
    packages: has("packages") ? weighted([7, 0], [1, 101]) : fc.constant(0),
    cgo: has("cgo") ? weighted([4, 0], [1, 101]) : fc.constant(0),
  });

const sequences = (has: Has): fc.Arbitrary<Sequence> =>
  fc.integer({ min: 2, max: 3 }).chain((tenants) =>
    shapes(has).chain((shape) =>
      fc.record({
        // Tenants that differ in little: what one has compiled looks like what another needs.
        tenants: fc.array(
          fc
            .array(
              edits(() => false, shape),
              { maxLength: 3 },
            )
            .map((differences): Project => Object.assign({}, plainProject, shape, ...differences) as Project),
          { minLength: tenants, maxLength: tenants },
        ),
        steps: fc.array(steps(has, shape, tenants), {
          minLength: stepsPerSequence,
          maxLength: stepsPerSequence,
        }),
      }),
    ),
  );

/** How often one of these is edited, where others are once: what no key of the go command's holds, or its index misses. */
const weights: Readonly<Partial<Record<keyof Project, number>>> = {
  header: 4,
  nested: 2,
  libHeader: 3,
  lib: 2,
  debug: 3,
  folder: 3,
  heavy: 3,
  many: 3,
  packages: 3,
  link: 2,
  services: 2,
  profile: 2,
  cHeader: 4,
  cgo: 2,
  cxx: 3,
  debian: 2,
};

const SERVICES = [
  "one",
  "first of two",
  "second of two",
  "first of one image",
  "second of one image",
] as const satisfies readonly Project["services"][];

/** What only projects with C have; a system with another header has its compilers installed anew. */
const ofTheSystem = {
  cxx: number,
  debian: fc.constantFrom("none", "zlib1g-dev", "zlib1g-dev, liblzf-dev"),
  system: fc.constantFrom(0, 101, 102),
} as const satisfies { readonly [K in keyof Project]?: fc.Arbitrary<Project[K]> };

function edits(has: Has, shape: Edit): fc.Arbitrary<Edit> {
  const values: { readonly [K in keyof Project]?: fc.Arbitrary<Project[K]> } = {
    ...choices,
    ...(shape.heavy === 0 ? {} : { heavy: heavyVersion }),
    ...(shape.many === 0 ? {} : { many: fc.integer({ min: 1, max: 4 }) }),
    ...(shape.packages === 0 ? {} : { packages: number }),
    ...(shape.cgo === undefined || shape.cgo === 0 ? {} : { cgo: number, cHeader: number, ...ofTheSystem }),
    ...(has("layouts") ? { layout: fc.constantFrom("proxy", "vendor", "workspace", "replace") } : {}),
    ...(has("links") ? { link: fc.constantFrom(0, 1, 2, 3) } : {}),
    ...(has("releases") ? { toolchain: fc.constantFrom("newest", "older") } : {}),
    ...(has("services") ? { services: fc.constantFrom(...SERVICES) } : {}),
    ...(has("profiles") ? { profile: fc.constantFrom(0, 1, 2) } : {}),
  };
  const single = fc.oneof(
    ...(Object.keys(values) as (keyof Project)[]).map((key) => ({
      weight: weights[key] ?? 1,
      arbitrary: (values[key] ?? fc.constant(plainProject[key])).map((value): Edit => ({ [key]: value })),
    })),
  );
  return fc.oneof(
    { weight: 6, arbitrary: single },
    {
      weight: 2,
      arbitrary: fc.tuple(single, single).map(([a, b]) => ({ ...a, ...b })),
    },
    { weight: 1, arbitrary: fc.constant({}) },
  );
}

function steps(has: Has, shape: Edit, tenants: number): fc.Arbitrary<Step> {
  const step: fc.Arbitrary<Step> = fc.record({
    tenant: fc.integer({ min: 0, max: tenants - 1 }),
    edit: edits(has, shape),
    context: weighted(
      [2, "folder"],
      [has("git") ? 2 : 0, "git"],
      [has("archive") ? 2 : 0, "archive"],
      [has("unpacked") ? 2 : 0, "unpacked"],
    ),
    namespace: has("namespaces") ? weighted([4, ""], [1, "pr"], [1, "release"]) : fc.constant(""),
    builder: has("builders") ? weighted([5, 0], [1, 1]) : fc.constant(0),
    cache: has("caches")
      ? weighted([6, "none"], [1, "export"], [1, "import"], [1, "both"])
      : fc.constant("none"),
    before: weighted(
      [30, "nothing"],
      [has("prune") ? 2 : 0, "mounts are pruned"],
      [has("restart") ? 1 : 0, "the daemon is restarted"],
    ),
    during: weighted(
      [30, "nothing"],
      [has("kill") && (shape.heavy ?? 0) > 0 ? 6 : 0, "the compiler of a module is killed"],
      [has("kill") ? 1 : 0, "the service's compiler is killed"],
      [has("kill") ? 1 : 0, "the client is killed"],
      [has("kill") && has("restart") ? 1 : 0, "the daemon is killed"],
    ),
    beside: fc.oneof(
      { weight: 6, arbitrary: fc.constant(undefined) },
      { weight: has("together") ? 1 : 0, arbitrary: edits(has, shape) },
    ),
  });
  // What kills a builder or a compiler would hit the neighbour as well.
  return fc.tuple(step, heavyVersion).map(([made, heavy]): Step => {
    if (made.during === "nothing") return made;
    // A compiler that is to be killed has something to compile, in most cases.
    const edit = made.during === "the compiler of a module is killed" ? { ...made.edit, heavy } : made.edit;
    return { ...made, edit, beside: undefined };
  });
}

/** A step in one line, for people. */
export function stepText(step: Step): string {
  const { tenant, edit, context, namespace, builder, cache, before, during, beside } = step;
  const changed = editText(edit);
  return [
    `tenant ${tenant}`,
    context,
    ...(changed === "" ? [] : [`edits ${changed}`]),
    ...(namespace === "" ? [] : [`namespace ${namespace}`]),
    ...(builder === 0 ? [] : ["on the other builder"]),
    ...(cache === "none" ? [] : [cache === "both" ? "exports and imports its cache" : `${cache}s its cache`]),
    ...(before === "nothing" ? [] : [`before it ${before}`]),
    ...(during === "nothing" ? [] : [`during it ${during}`]),
    ...(beside === undefined
      ? []
      : [`beside it the next tenant, which edits ${editText(beside) || "nothing"}`]),
  ].join(", ");
}

const editText = (edit: Edit): string =>
  Object.entries(edit)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(" ");

/** What of a tenant's first project differs from the simplest one. */
export function projectText(project: Project): string {
  const plain = new Map<string, unknown>(Object.entries(plainProject));
  const changed = Object.entries(project).filter(([key, value]) => plain.get(key) !== value);
  return changed.length === 0 ? "plain" : changed.map(([key, value]) => `${key}=${String(value)}`).join(" ");
}
