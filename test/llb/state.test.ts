// States: immutable, and what they hand on.
import { describe, expect, test } from "vitest";
import {
  addEnv,
  addMount,
  args,
  copy,
  dir,
  image,
  linuxAmd64,
  linuxArm64,
  mkdir,
  mkfile,
  newPassthroughOp,
  newSource,
  newState,
  normalizePlatform,
  readonly,
  requireFilters,
  resolveDigest,
  resolveImage,
  resolveModeForcePull,
  scratch,
  stateOption,
  viewDefinition,
  type ImageMetaResolver,
  type State,
} from "../../src/llb/index.ts";

const alpine = image("alpine");
const ops = (state: State): readonly string[] =>
  viewDefinition(state.marshal(linuxAmd64)).ops.map(({ kind }) => kind);

describe("environment", () => {
  test("the order is that of the last setting, deletions leave no trace", () => {
    const env = scratch().addEnv("A", "1").addEnv("B", "2").addEnv("C", "3").addEnv("A", "4").env();
    expect(env.toArray()).toEqual(["B=2", "C=3", "A=4"]);
    expect(env.delete("B").toArray()).toEqual(["C=3", "A=4"]);
    expect(env.delete("B").addOrReplace("B", "").keys()).toEqual(["C", "A", "B"]);
    expect(env.setDefault("C", "9").get("C")).toBe("3");
    expect(env.get("D")).toBeUndefined();
  });
  test("a state made from another does not change it", () => {
    const first = scratch().addEnv("A", "1");
    first.addEnv("B", "2").dir("/x").user("u");
    expect([first.env().toArray(), first.getDir(), first.getUser()]).toEqual([["A=1"], "/", ""]);
  });
  test("what options set for a run stays with the run", () => {
    const ran = alpine.dir("/a").run(args(["x"]), dir("/b"), addEnv("A", "1"));
    expect([ran.getDir(), ran.getEnv("A")]).toEqual(["/a", undefined]);
  });
});

describe("what carries over", () => {
  test("dir, user and platform go to the next tree", () => {
    const next = alpine
      .dir("/w")
      .user("u")
      .hostname("h")
      .network(2)
      .security(1)
      .platform({ os: "Linux", architecture: "aarch64" })
      .file(mkdir("/a", 0o755));
    expect([
      next.getDir(),
      next.getUser(),
      next.getHostname(),
      next.getNetwork(),
      next.getSecurity(),
    ]).toEqual(["/w", "u", "h", 2, 1]);
    expect(next.getPlatform()).toEqual({ os: "linux", architecture: "arm64" });
  });
  test("an image's platform option is learned, normalised", () => {
    expect(image("a", linuxArm64).getPlatform()).toEqual(
      normalizePlatform({ os: "linux", architecture: "arm64" }),
    );
    expect(image("a").getPlatform()).toBeUndefined();
  });
  test("values of one's own", () => {
    const key = Symbol("key");
    const state = scratch().withValue(key, 1).withValue("other", 2);
    expect([state.value(key), state.dir("/x").value("other"), state.value("none")]).toEqual([
      1,
      2,
      undefined,
    ]);
  });
  test("options of one's own", () => {
    const twice = stateOption((state) => state.addEnv("A", "1").addEnv("B", "2"));
    expect(scratch().with(twice, dir("/d")).env().toArray()).toEqual(["A=1", "B=2"]);
  });
  test("defaults of marshal belong to one state only", () => {
    const state = alpine.setMarshalDefaults(linuxArm64);
    expect(viewDefinition(state.marshal()).ops[0]?.platform).toBe("linux/arm64");
    expect(viewDefinition(state.marshal(linuxAmd64)).ops[0]?.platform).toBe("linux/amd64");
    expect(() => state.dir("/x").marshal()).toThrow("platform");
  });
});

describe("outputs", () => {
  test("a readonly mount hands on its source", () => {
    const ran = alpine.run(args(["x"]), addMount("/m", image("busybox"), readonly));
    expect(ops(ran.getMount("/m"))).toEqual(["source"]);
  });
  test("a passthrough has as many as were asked for", () => {
    const op = newPassthroughOp("id", [
      { state: alpine, output: false },
      { state: scratch(), output: true },
      { state: image("a"), output: true },
      { state: image("b"), output: true },
    ]);
    const { head, ops: made } = viewDefinition(newState(op.outputAt(1)).marshal(linuxAmd64));
    expect([head?.index, made.at(-1)?.op.passthrough?.outputs?.map(String)]).toEqual([1, ["1", "2"]]);
    expect(() => newState(op.outputAt(2)).marshal(linuxAmd64)).toThrow(
      "passthrough (id): the op has no output 2",
    );
  });
  test("scratch has no ops", () => {
    const definition = scratch().marshal();
    expect([definition.def.length, definition.head, definition.metadata.size, definition.source]).toEqual([
      0,
      "",
      0,
      undefined,
    ]);
    expect(definition.toBytes()).toHaveLength(0);
  });
});

describe("resolveImage", () => {
  const digest = `sha256:${"ab".repeat(32)}`;
  const config = new TextEncoder().encode(
    JSON.stringify({ os: "linux", architecture: "arm64", config: { Env: ["PATH=/x"], WorkingDir: "/w" } }),
  );
  const asked: unknown[] = [];
  const resolver: ImageMetaResolver = (ref, options) => {
    asked.push([ref, options]);
    return Promise.resolve({ ref, digest, config });
  };
  const identifier = (state: State): string =>
    viewDefinition(state.marshal(linuxAmd64)).ops[0]?.op.source?.identifier ?? "";

  test("takes what the config says", async () => {
    const state = await resolveImage("alpine", resolver, resolveModeForcePull, linuxArm64);
    expect([state.getEnv("PATH"), state.getDir(), state.getPlatform()?.architecture]).toEqual([
      "/x",
      "/w",
      "arm64",
    ]);
    expect(asked.at(-1)).toEqual([
      "docker.io/library/alpine:latest",
      { platform: { os: "linux", architecture: "arm64" }, resolveMode: "pull" },
    ]);
    expect(identifier(state)).toBe("docker-image://docker.io/library/alpine:latest");
  });
  test("pins the digest when told to", async () => {
    const state = await resolveImage("alpine:3", resolver, resolveDigest(true));
    expect(identifier(state)).toBe(`docker-image://docker.io/library/alpine:3@${digest}`);
  });
});

describe("depth costs no stack", () => {
  test("fifty thousand steps in a row", () => {
    let state: State = alpine;
    for (let i = 0; i < 50_000; i++) state = state.run(args([String(i)])).root();
    expect(state.marshal(linuxAmd64).def).toHaveLength(50_002);
  });
  test("twenty thousand actions in one op", () => {
    let chain = mkfile("/0", 0o644, "");
    for (let i = 1; i < 20_000; i++) chain = chain.mkfile(`/${i}`, 0o644, "");
    expect(scratch().file(chain).marshal().def).toHaveLength(2);
  });
  test("a thousand chains that copy from each other", () => {
    let input = mkfile("/f", 0o644, "").withState(scratch());
    for (let i = 0; i < 1000; i++) input = copy(input, "/f", "/f").withState(scratch());
    expect(
      scratch()
        .file(copy(input, "/f", "/f"))
        .marshal().def,
    ).toHaveLength(2);
  });
});

test("filters gather in order, marshal's first", () => {
  const state = newSource("x://y", {}, requireFilters("b"), requireFilters("c"));
  const [op] = viewDefinition(state.marshal(requireFilters("a"))).ops;
  expect(op?.op.constraints?.filter).toEqual(["a", "b", "c"]);
});
