import { describe, expect, test } from "vitest";
import { modulesOf } from "./modules.ts";
import {
  filesOf,
  goBuildFlags,
  linksOf,
  plainProject,
  type Project,
  serviceOf,
  systemHeaders,
} from "./project.ts";
import {
  afterStep,
  kinds,
  neighbourOf,
  plainStep,
  projectText,
  type Sequence,
  sequenceOf,
  type Step,
  stepsPerSequence,
  stepText,
} from "./sequence.ts";
import { shrink } from "./shrink.ts";

const names = { release: "1.26.8", olderRelease: "1.25.14", domain: "example.test/s00000001" };
const seeds = Array.from({ length: 300 }, (_, at) => at + 1);
const sizes = (project: Project): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(filesOf(project, names)).map(([path, text]) => [path, text.length]));

describe("a sequence", () => {
  test("is the same for the same seed, and another for another", () => {
    expect(sequenceOf(7)).toEqual(sequenceOf(7));
    expect(new Set(seeds.map((seed) => JSON.stringify(sequenceOf(seed)))).size).toBe(seeds.length);
  });

  test("has twelve steps of two or three tenants, which exist", () => {
    for (const { tenants, steps } of seeds.map((seed) => sequenceOf(seed))) {
      expect(steps).toHaveLength(stepsPerSequence);
      expect([2, 3]).toContain(tenants.length);
      expect(steps.every(({ tenant }) => tenants[tenant] !== undefined)).toBe(true);
    }
  });

  test("comes upon every value of every part of a step and of a project", () => {
    const steps = seeds.flatMap((seed) => sequenceOf(seed).steps);
    const values = (part: Exclude<keyof Step, "edit" | "beside">): ReadonlySet<unknown> =>
      new Set(steps.map((step) => step[part]));
    expect(values("context")).toEqual(new Set(["archive", "folder", "git", "unpacked"]));
    expect(values("namespace")).toEqual(new Set(["", "pr", "release"]));
    expect(values("builder")).toEqual(new Set([0, 1]));
    expect(values("cache")).toEqual(new Set(["both", "export", "import", "none"]));
    expect(values("before")).toEqual(new Set(["mounts are pruned", "nothing", "the daemon is restarted"]));
    expect(values("during").size).toBe(5);
    expect(new Set(steps.map(({ beside }) => beside === undefined)).size).toBe(2);
    // Whether a tenant's lib is its own is decided once a sequence.
    const edited = new Set(steps.flatMap(({ edit }) => Object.keys(edit)));
    expect(Object.keys(plainProject).filter((key) => !edited.has(key))).toEqual(["foreign"]);
    const shapes = seeds.flatMap((seed) => sequenceOf(seed).tenants);
    for (const key of ["layout", "assembly", "foreign", "heavy", "many", "packages", "cgo"] as const) {
      expect(new Set(shapes.map((project) => project[key])).size, key).toBeGreaterThan(1);
    }
  });

  test("leaves out what it is told to leave out", () => {
    for (const { tenants, steps } of seeds.map((seed) => sequenceOf(seed, kinds))) {
      for (const { tenant, edit, ...rest } of steps) {
        expect({ ...plainStep, ...rest }).toEqual(plainStep);
        expect(tenant).toBeLessThan(tenants.length);
        expect(Object.keys(edit)).not.toContain("layout");
      }
      for (const {
        layout,
        foreign,
        heavy,
        many,
        packages,
        cgo,
        cxx,
        debian,
        system,
        link,
        toolchain,
        services,
        profile,
      } of tenants) {
        expect([layout, foreign, heavy, many, packages, cgo]).toEqual(["proxy", false, 0, 0, 0, 0]);
        expect([cxx, debian, system]).toEqual([0, "none", 0]);
        expect([link, toolchain, services, profile]).toEqual([0, "newest", "one", 0]);
      }
    }
  });

  test("an edit is of one tenant", () => {
    const tenants = [plainProject, plainProject];
    const after = afterStep(tenants, { ...plainStep, tenant: 1, edit: { header: 104 } });
    expect(after).toEqual([plainProject, { ...plainProject, header: 104 }]);
  });

  test("what is built beside a step is the next tenant's", () => {
    const step = { ...plainStep, tenant: 1, edit: { header: 104 }, beside: { value: 103 } };
    const [first, second] = afterStep([plainProject, plainProject], step);
    expect([first, second]).toEqual([
      { ...plainProject, value: 103 },
      { ...plainProject, header: 104 },
    ]);
    expect(neighbourOf(step, 2)).toBe(0);
    expect(neighbourOf(step, 1)).toBeUndefined();
    expect(neighbourOf(plainStep, 2)).toBeUndefined();
  });

  test("is told in words", () => {
    const step: Step = { ...plainStep, edit: { header: 103 }, namespace: "pr", cache: "both", builder: 1 };
    expect(stepText(step)).toBe(
      "tenant 0, folder, edits header=103, namespace pr, on the other builder, exports and imports its cache",
    );
    expect(projectText(plainProject)).toBe("plain");
    expect(projectText({ ...plainProject, layout: "vendor", tag: true })).toBe("layout=vendor tag=true");
  });
});

describe("a project", () => {
  const all = (["proxy", "vendor", "workspace", "replace"] as const).map((layout) => ({
    ...plainProject,
    layout,
    heavy: 1,
    many: 1,
    packages: 101,
    cgo: 101,
    cxx: 101,
    system: 101,
  }));
  const numbers = [
    "main",
    "stamp",
    "value",
    "extraValue",
    "near",
    "header",
    "nested",
    "text",
    "libHeader",
    "cgo",
    "cHeader",
    "cxx",
    "system",
  ] as const;

  test.each(all)("$layout: has files of the same names and sizes whatever its numbers are", (project) => {
    for (const key of [...numbers, "packages" as const]) {
      expect(sizes({ ...project, [key]: 104 }), key).toEqual(sizes(project));
    }
    for (const key of ["pick", "debug", "folder", "goLine"] as const) {
      const [from, to] = {
        pick: [{ pick: "first" }, { pick: "second" }],
        debug: [{ debug: "comment" }, { debug: "set" }],
        folder: [{ folder: "a1" }, { folder: "a2" }],
        goLine: [{ goLine: "1.25" }, { goLine: "1.26" }],
      }[key] as [Partial<Project>, Partial<Project>];
      const total = (edit: Partial<Project>): number =>
        Object.values(sizes({ ...project, ...edit })).reduce((sum, size) => sum + size, 0);
      expect(total(to), key).toBe(total(from));
    }
  });

  test.each(all)("$layout: every part of it is in a file or in a flag", (project) => {
    const rendered = (edit: Partial<Project>): string => {
      const edited = { ...project, extra: "zz_generated.go" as const, ...edit };
      return JSON.stringify([
        filesOf(edited, names),
        linksOf(edited),
        goBuildFlags(edited),
        serviceOf(edited),
        systemHeaders(edited),
        modulesOf(names, edited),
      ]);
    };
    const edits: readonly Partial<Project>[] = [
      ...numbers
        .filter((key) => key !== "libHeader" || project.layout !== "proxy")
        .map((key) => ({ [key]: 103 })),
      { folder: "b1" },
      { assembly: "absent" },
      { assembly: "near" },
      { file: "other.go" },
      { extra: "absent" },
      { textFile: "b.txt" },
      { pick: "second" },
      { tag: true },
      { lib: 2 },
      { heavy: 2 },
      { many: 2 },
      { packages: 102 },
      { foreign: true },
      { link: 1 },
      { toolchain: "older", goLine: "1.25" },
      { services: "first of two" },
      { services: "second of two" },
      { services: "first of one image" },
      { services: "second of one image" },
      { profile: 1 },
      { debian: "zlib1g-dev" },
      { debian: "zlib1g-dev, liblzf-dev" },
    ];
    for (const edit of edits) expect(rendered(edit), JSON.stringify(edit)).not.toBe(rendered({}));
  });

  test("a link leads to another header of the same length, a profile calls another function hot in as many bytes", () => {
    const linked = ([1, 2, 3] as const).map((link) => ({ ...plainProject, link }));
    expect(linked.map((project) => linksOf(project)["include/header.h"])).toEqual([
      "../headers/h1.h",
      "../headers/h2.h",
      "../headers/h3.h",
    ]);
    expect(linked.map((project) => filesOf(project, names)["include/header.h"])).toEqual(
      linked.map(() => undefined),
    );
    const [one, two] = ([1, 2] as const).map((profile) => ({ ...plainProject, profile }));
    if (one === undefined || two === undefined) expect.fail();
    expect(sizes(one)).toEqual(sizes(two));
    expect(filesOf(one, names)["default.pgo"]).not.toBe(filesOf(two, names)["default.pgo"]);
  });

  test("the second version of lib differs from the first in the header alone", () => {
    const modules = modulesOf(names, plainProject);
    const differing = (from: number, to: number): readonly string[] => {
      const [a = {}, b = {}] = [from, to].map((version) => modules[`${names.domain}/lib@v1.0.${version}`]);
      return Object.keys(a).filter((path) => a[path] !== b[path]);
    };
    expect(differing(0, 1)).toEqual(["include/header.h"]);
    expect(differing(0, 2)).toEqual(["lib.go"]);
  });
});

describe("shrinking", () => {
  const whole = sequenceOf(11);
  const playing = async (
    sequence: Sequence,
    fails: (sequence: Sequence) => boolean,
    most = 500,
  ): Promise<{ readonly smallest: Sequence; readonly plays: number }> => {
    let plays = 0;
    const smallest = await shrink(
      sequence,
      (smaller) => {
        plays++;
        return Promise.resolve(fails(smaller));
      },
      most,
    );
    return { smallest, plays };
  };
  const header = (value: number, change: Partial<Step> = {}): Step => ({
    ...plainStep,
    edit: { header: value },
    ...change,
  });

  test("leaves a single plain step of a plain project where every sequence fails", async () => {
    const { smallest } = await playing(whole, () => true);
    expect(smallest).toEqual({ tenants: [plainProject], steps: [{ ...plainStep, edit: {} }] });
  });

  test("finds the two steps that matter among twelve, and what of them matters", async () => {
    const { tenants, steps } = whole;
    const sequence = {
      tenants,
      steps: [
        ...steps.slice(0, 3),
        header(103, { tenant: 1, namespace: "pr", context: "git" }),
        ...steps.slice(3, 9),
        header(104, { context: "archive", before: "mounts are pruned" }),
      ],
    };
    const fails = ({ steps: left }: Sequence): boolean => {
      const first = left.findIndex(({ edit, namespace }) => edit.header === 103 && namespace === "pr");
      return (
        first >= 0 &&
        left.slice(first).some(({ edit, context }) => edit.header === 104 && context === "archive")
      );
    };
    const { smallest, plays } = await playing(sequence, fails);
    expect(smallest.steps.map(stepText)).toEqual([
      expect.stringContaining("folder, edits header=103, namespace pr"),
      expect.stringContaining("archive, edits header=104"),
    ]);
    expect(smallest.tenants.every((project) => projectText(project) === "plain")).toBe(true);
    expect(plays).toBeLessThan(60);
  });

  test("keeps the part of a project that matters, and the tenants that do something", async () => {
    const sequence: Sequence = {
      tenants: [plainProject, { ...plainProject, layout: "vendor", value: 103 }, plainProject],
      steps: [header(102), { ...plainStep, tenant: 2 }, header(103, { tenant: 1 })],
    };
    const { smallest } = await playing(sequence, ({ tenants, steps }) =>
      steps.some(({ tenant }) => tenants[tenant]?.layout === "vendor"),
    );
    expect(smallest).toEqual({ tenants: [{ ...plainProject, layout: "vendor" }], steps: [plainStep] });
  });

  test("plays no more often than it may, and then gives what it has found", async () => {
    const { smallest, plays } = await playing(whole, ({ steps }) => steps.length > 6, 5);
    expect(plays).toBe(5);
    expect(smallest.steps.length).toBeGreaterThan(6);
  });
});
