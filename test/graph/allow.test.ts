// The list of ops that a graph of ours may hold, against graphs that hold more.
import { describe, expect, test } from "vitest";
import { allowOwnOps } from "../../src/graph/index.ts";
import {
  addMount,
  addSecret,
  addSSHSocket,
  allowOps,
  args,
  build,
  image,
  linuxAmd64,
  netModeHost,
  netModeNone,
  network,
  newDefinitionOp,
  newSource,
  OpNotAllowedError,
  type RunOption,
  scratch,
  security,
  securityModeInsecure,
  type State,
} from "../../src/llb/index.ts";

const base = image("golang:1.26", linuxAmd64);
const step = (...options: readonly RunOption[]): State =>
  base.run(addMount("/out", scratch()), ...options).getMount("/out");
const helper = (step: string): RunOption => args(["/helper/go-frontend", step]);
const marshal = (state: State): unknown => state.marshal(linuxAmd64, allowOps(allowOwnOps));

describe("a graph is let through", () => {
  test.each<[string, State]>([
    ["helper without a network", step(helper("build ./cmd/x linux/amd64"), network(netModeNone))],
    ["go without a network", step(args(["go", "run", "."]), network(netModeNone))],
    ["download with a network and credentials", step(helper("modules 1"), addSecret("/s"), addSSHSocket())],
  ])("%s", (_name, state) => {
    expect(() => marshal(state)).not.toThrow();
  });

  test("whatever another build made", () => {
    const theirs = base.run(args(["sh", "-c", "true"])).root();
    const imported = newDefinitionOp(theirs.marshal(linuxAmd64));
    expect(() => marshal(imported)).not.toThrow();
  });
});

describe("a graph is refused", () => {
  test.each<[string, State, RegExp]>([
    ["a shell", step(args(["sh", "-c", "true"]), network(netModeNone)), /run the helper or go/],
    [
      "a network beside the download",
      step(helper("build ./cmd/x linux/amd64")),
      /only the download step has a network/,
    ],
    [
      "the host's network",
      step(helper("cook"), network(netModeHost)),
      /only the download step has a network/,
    ],
    ["a secret", step(helper("build ./cmd/x linux/amd64"), network(netModeNone), addSecret("/s")), /secrets/],
    [
      "an ssh agent",
      step(helper("build ./cmd/x linux/amd64"), network(netModeNone), addSSHSocket()),
      /ssh agent/,
    ],
    [
      "a step outside the sandbox",
      step(helper("build ./cmd/x linux/amd64"), network(netModeNone), security(securityModeInsecure)),
      /sandbox/,
    ],
    ["a nested build", base.with(build()), /no build ops/],
    ["an unknown source", newSource("ftp://example.test/x", {}), /no source like ftp/],
  ])("%s", (_name, state, reason) => {
    expect(() => marshal(state)).toThrow(OpNotAllowedError);
    expect(() => marshal(state)).toThrow(reason);
  });
});
