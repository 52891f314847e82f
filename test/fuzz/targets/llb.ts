import {
  addMount,
  args,
  definitionFromBytes,
  dump,
  image,
  linuxAmd64,
  LlbError,
  local,
  localUniqueID,
  merge,
  mkfile,
  scratch,
  toDot,
  viewDefinition,
} from "../../../src/llb/index.ts";
import { toSvg } from "../../../src/cli/picture/svg.ts";
import { binaryInputs, bytesOf } from "../inputs.ts";
import type { Target } from "../target.ts";

const file = scratch().file(mkfile("/a", 0o644, "x"));
const run = image("docker.io/library/golang:1.26").run(
  args(["go", "build"]),
  addMount("/src", local("context", localUniqueID("x"))),
);
const seeds = [file, run.root(), merge([file, run.root()])].map((state) =>
  state.marshal(linuxAmd64).toBytes(),
);

/** A graph from anywhere, read back for people. */
export const llb: Target = {
  name: "llb",
  inputs: binaryInputs(
    "llb",
    [
      Uint8Array.of(0x0a, 0x02, 0x12, 0x00),
      Uint8Array.of(0x0a, 0x00),
      Uint8Array.of(0x12, 0x00),
      Uint8Array.of(0x1a, 0x00),
      Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f),
      Uint8Array.of(0x0b, 0x0c),
      bytesOf("\n\u0010sha256:0123456789"),
      bytesOf("\u001b[2J"),
      ...seeds,
    ],
    seeds,
  ),
  run: (bytes) => {
    try {
      const definition = definitionFromBytes(bytes);
      viewDefinition(definition);
      JSON.stringify(dump(definition));
      toDot(definition);
      toSvg(definition);
    } catch (error) {
      if (!(error instanceof LlbError)) throw error;
    }
  },
};
