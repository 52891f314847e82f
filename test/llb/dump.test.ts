// Definitions as JSON and as pictures, ours and others'.
import { describe, expect, test } from "vitest";
import {
  addMount,
  addSecret,
  args,
  copy,
  Definition,
  dump,
  image,
  linuxAmd64,
  memoryLimit,
  netModeNone,
  network,
  newSourceMap,
  scratch,
  secretID,
  toDot,
  withCustomName,
  type State,
} from "../../src/llb/index.ts";
import { toSvg } from "../../src/cli/picture/svg.ts";
import { encodeCanonical } from "../../src/proto/index.ts";
import { allCases } from "../oracle/cases.ts";
import { interpret } from "../oracle/interpret.ts";

const yaml = newSourceMap(undefined, "service.yaml", "YAML", "a: b\n");
const example = ((): State => {
  const build = image("golang").run(
    args(["go", "build", '<&">']),
    network(netModeNone),
    addSecret("/run/s", secretID("token")),
    addMount("/out", scratch()),
    memoryLimit(2n ** 60n),
    withCustomName('compile "it"'),
    yaml.location([{ start: { line: 1, character: 0 }, end: { line: 1, character: 4 } }]),
  );
  return scratch().file(
    copy(build.getMount("/out"), "/a", "/b")
      .mkfile("/bin", 0o600, Uint8Array.of(0, 255))
      .mkfile("/text", 0o644, "ü\n"),
  );
})();
const definition = example.marshal(linuxAmd64);

test("JSON names enums, shows text as text and numbers in full", () => {
  const [source, exec, file] = dump(definition).ops;
  expect(source).toMatchObject({
    kind: "source",
    platform: "linux/amd64",
    source: { identifier: "docker-image://docker.io/library/golang:latest" },
  });
  expect(exec).toMatchObject({
    kind: "exec",
    name: 'compile "it"',
    exec: {
      network: "none",
      mounts: [
        { dest: "/", input: 0, output: 0 },
        { dest: "/out", input: -1, output: 1 },
        { dest: "/run/s", input: -1, mountType: "secret", secretOpt: { ID: "token", mode: "0400" } },
      ],
    },
    metadata: {
      linuxResources: { memory: "1152921504606846976" },
      caps: [
        "exec.meta.base",
        "exec.meta.linux.resources",
        "exec.meta.network",
        "exec.mount.bind",
        "exec.mount.secret",
      ],
    },
    locations: [{ file: "service.yaml", ranges: ["1:0-1:4"] }],
  });
  expect(file).toMatchObject({
    inputs: [expect.stringMatching(/^sha256:[0-9a-f]{64}#1$/) as string],
    file: {
      actions: [
        { secondaryInput: 0 },
        { mkfile: { data: { base64: "AP8=" }, mode: "0600" } },
        { output: 0, mkfile: { data: "ü\n" } },
      ],
    },
  });
});

test("every golden graph can be dumped and drawn", () => {
  for (const graph of Object.values(allCases).flatMap((cases) => Object.values(cases))) {
    const made = interpret(graph);
    const ops = Math.max(0, made.def.length - 1);
    expect((JSON.parse(JSON.stringify(dump(made))) as { ops: unknown[] }).ops).toHaveLength(ops);
    expect(toSvg(made).match(/<g>/g) ?? []).toHaveLength(ops);
    expect(toDot(made).match(/fillcolor="/g) ?? []).toHaveLength(ops);
  }
});

describe("pictures", () => {
  test("DOT quotes what would end a string, and says what edges are for", () => {
    const dot = toDot(definition);
    expect(dot).toContain('[label="exec linux/amd64\\ncompile \\"it\\"\\nsha256:');
    expect(dot).toContain('[label="/"]');
    expect(dot).toContain('[label="#1 copy"]');
    expect(dot).toMatch(/"sha256:[0-9a-f]+" -> result;\n\}\n$/);
  });
  test("SVG is well-formed whatever the names are", () => {
    const svg = toSvg(
      image("a")
        .run(args(["<script>&\"'", "\u0000"].map((t) => t.replace("\0", ""))))
        .marshal(linuxAmd64),
    );
    expect(svg).toContain("&lt;script&gt;&amp;&quot;&#39;");
    expect(svg).not.toContain("<script>");
    expect(svg.match(/<g>/g)).toHaveLength(2);
    expect(svg.match(/<path /g)).toHaveLength(1);
  });
  test("boxes do not overlap", () => {
    const corners = [...toSvg(definition).matchAll(/<rect x="(\d+)" y="(\d+)"/g)].map(
      ([, x = "", y = ""]) => `${x},${y}`,
    );
    expect(corners).toHaveLength(3);
    expect(new Set(corners).size).toBe(3);
  });
});

describe("definitions of others", () => {
  const source = encodeCanonical("pb.Op", { source: { identifier: "x://y" } });
  test("in any order, with inputs that are not there", () => {
    const lonely = encodeCanonical("pb.Op", {
      inputs: [{ digest: "sha256:gone", index: 2 }],
      merge: { inputs: [{ input: 0 }] },
    });
    const foreign = new Definition(
      [lonely, source, encodeCanonical("pb.Op", { inputs: [{ digest: "sha256:x" }] })],
      new Map(),
      undefined,
    );
    expect(toDot(foreign)).toContain('"sha256:gone" [label="missing", style=dashed];');
    expect(toSvg(foreign)).toContain(">missing</text>");
    expect(dump(foreign).ops).toHaveLength(2);
  });
  test("with an op of a kind that is not known yet", () => {
    const later = Uint8Array.of(0x9a, 0x06, 0x00);
    const foreign = new Definition([later, source], new Map(), undefined);
    expect(dump(foreign)).toMatchObject({ ops: [{ kind: "unknown" }] });
    expect(toSvg(foreign)).toContain("unknown");
  });
  test("that are no definitions", () => {
    expect(() => dump(new Definition([Uint8Array.of(0xff)], new Map(), undefined))).toThrow(
      "entry 0 is not an op",
    );
  });
});
