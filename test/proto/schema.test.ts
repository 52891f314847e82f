// The service table and the generated codecs against the .proto files themselves.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { gateway, llbBridge, pb, wireNumbers, wireWord } from "../../src/proto/index.ts";
import { SERVICE_NAME } from "../../src/proto/llb-bridge.ts";

const proto = readFileSync(
  new URL("../../proto/github.com/moby/buildkit/frontend/gateway/pb/gateway.proto", import.meta.url),
  "utf8",
);

describe("the methods of the gateway", () => {
  const rpcs = [...proto.matchAll(/rpc (\w+)\((stream )?(\w+)\) returns \((stream )?(\w+)\)/g)];
  test("all stand in the table", () => {
    expect(new Set(rpcs.map(([, name]) => name))).toEqual(new Set(Object.keys(llbBridge)));
    expect(rpcs).toHaveLength(17);
  });
  test.each(
    rpcs.map(
      ([, name = "", stream, request = "", , response = ""]) =>
        [name, request, response, stream !== undefined] as const,
    ),
  )("%s", (name, request, response, stream) => {
    const method = llbBridge[name as keyof typeof llbBridge];
    expect(method.path).toBe(`/${SERVICE_NAME}/${name}`);
    expect(method.request).toBe(gateway[request as keyof typeof gateway]);
    expect(method.response).toBe(gateway[response as keyof typeof gateway]);
    expect(method.stream).toBe(stream);
  });
});

test("absent fields read as zero, messages as undefined", () => {
  const message = gateway.SolveRequest.decode(new Uint8Array());
  expect([message.Frontend, message.FrontendOpt, message.Evaluate, message.CacheImports]).toEqual([
    "",
    {},
    false,
    [],
  ]);
  expect(message.Definition ?? undefined).toBeUndefined();
});

test("enum values are the wire's", () => {
  expect([
    pb.NetMode.NONE,
    pb.MountType.TMPFS,
    pb.CacheSharingOpt.LOCKED,
    gateway.AttestationKind.Bundle,
  ]).toEqual([2, 4, 2, 1]);
});

test("the table of enum numbers holds every value of the .proto files, under our word for it", () => {
  // A word of ours, where the enum's is another.
  const words: Readonly<Record<string, string>> = { UNSET: "sandbox" };
  const numbersOf = (values: object): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      Object.entries(values)
        .filter(([name]) => !/^[0-9]/.test(name))
        .map(([name, number]) => [words[name] ?? name.toLowerCase(), number]),
    );
  expect(wireNumbers).toEqual({
    network: numbersOf(pb.NetMode),
    security: numbersOf(pb.SecurityMode),
    mountType: numbersOf(pb.MountType),
    sharing: numbersOf(pb.CacheSharingOpt),
    contentCache: numbersOf(pb.MountContentCache),
  });
  expect([wireWord("network", 2), wireWord("network", 9), wireWord("mode", 2)]).toEqual([
    "none",
    undefined,
    undefined,
  ]);
});
