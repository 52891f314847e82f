import { describe, expect, test } from "vitest";
import {
  Code,
  decodeDetail,
  detailsOf,
  encodeDetail,
  type ErrorDetail,
  exitCodeOf,
  GatewayError,
  isCanceled,
  singleResult,
  sourceError,
  sourcesOf,
  vertexOf,
} from "../../src/gateway/index.ts";
import { gatewaySession, type GatewaySession } from "../support/gateway-session.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const PREFIX = "github.com/moby/buildkit/";

async function fault(session: GatewaySession, name: string): Promise<GatewayError> {
  const error: unknown = await session.client
    .solve({ frontend: "harness", frontendOpt: { error: name } })
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  expect(error).toBeInstanceOf(GatewayError);
  return error as GatewayError;
}

const sourceDetail = {
  kind: "source",
  info: {
    filename: "service.yaml",
    data: Buffer.from("# syntax=org/go-frontend\nname: ünï\n"),
    language: "YAML",
  },
  ranges: [
    { start: { line: 2, character: 6 }, end: { line: 2, character: 9 } },
    { start: { line: 1, character: 0 }, end: { line: 0, character: 0 } },
  ],
} as const satisfies ErrorDetail;

/** Errors made by BuildKit's own packages in the harness, test/support/gateway-harness/faults.go. */
describe("errors of BuildKit", () => {
  test("details of every type", async () => {
    await using session = await gatewaySession();
    const details = async (name: string) =>
      (await fault(session, name)).details.filter((detail) => detail.kind !== "stack");
    expect(await details("source")).toEqual([sourceDetail]);
    expect(await details("vertex")).toEqual([{ kind: "vertex", digest: DIGEST }]);
    expect(await details("solve")).toMatchObject([
      {
        kind: "solve",
        inputIDs: ["in-1"],
        mountIDs: ["mount-1", ""],
        subject: { kind: "file", index: 2 },
        op: { exec: { meta: { args: ["/bin/false"] } } },
        description: { "llb.customname": "fail" },
      },
    ]);
    expect(await details("cache")).toMatchObject([{ kind: "solve", subject: { kind: "cache", index: 1 } }]);
    expect(await details("frontend")).toEqual([
      { kind: "frontend", name: "gateway.v0", source: "org/go-frontend" },
    ]);
    expect(await details("frontendcap")).toEqual([
      { kind: "frontendCap", name: "moby.buildkit.frontend.contexts" },
    ]);
    expect(await details("subrequest")).toEqual([{ kind: "subrequest", name: "frontend.targets" }]);
    expect(await details("exit")).toEqual([{ kind: "exit", code: 3 }]);
    expect(await details("foreign")).toEqual([
      {
        kind: "unknown",
        typeUrl: "type.googleapis.com/google.protobuf.Any",
        value: expect.any(Uint8Array) as Uint8Array,
      },
    ]);
    const [stack] = detailsOf(await fault(session, "stack"), "stack");
    expect(stack?.frames.some((frame) => frame.name === "main.fault" && frame.line > 0)).toBe(true);
    expect(stack?.pid).toBeGreaterThan(0);
  });

  test("codes and messages", async () => {
    await using session = await gatewaySession();
    expect(await fault(session, "plain")).toMatchObject({
      code: Code.Unknown,
      codeName: "Unknown",
      message: 'process "/bin/false" did not complete successfully: exit code: 3',
    });
    expect(await fault(session, "code/5")).toMatchObject({
      codeName: "NotFound",
      message: "code 5: 100% é\nsecond line",
    });
    expect(isCanceled(await fault(session, "canceled"))).toBe(true);
  });

  test("all at once, through the helpers", async () => {
    await using session = await gatewaySession();
    const error = await fault(session, "all");
    expect(error.codeName).toBe("Aborted");
    expect([vertexOf(error), exitCodeOf(error), sourcesOf(error).length]).toEqual([DIGEST, 3, 1]);
  });

  test("are relayed without any change", async () => {
    await using session = await gatewaySession();
    const original = await fault(session, "all");
    await session.client.return(new GatewayError(original.message, original));
    const [request] = await session.requests("Return");
    expect(request).toEqual({
      error: {
        code: original.code,
        message: original.message,
        details: original.details.map(encodeDetail).map(({ typeUrl, value }) => ({
          typeUrl,
          value: Buffer.from(value).toString("base64"),
        })),
      },
    });
    expect(original.details.length).toBeGreaterThan(4);
    for (const detail of original.details) {
      const again = decodeDetail(encodeDetail(detail));
      expect(again).toEqual(detail);
      expect(encodeDetail(again)).toBe(encodeDetail(detail));
    }
  });
});

describe("errors of ours", () => {
  const jsonOf = (detail: ErrorDetail) => {
    const { typeUrl, value } = encodeDetail(detail);
    return [typeUrl, Buffer.from(value).toString()];
  };

  /** The JSON that Go's encoding/json writes for the generated structs, and protojson for Solve. */
  test.each<[ErrorDetail, string, string]>([
    [
      sourceDetail,
      "errdefs.Source+json",
      '{"info":{"filename":"service.yaml","data":"IyBzeW50YXg9b3JnL2dvLWZyb250ZW5kCm5hbWU6IMO8bsOvCg==","language":"YAML"},' +
        '"ranges":[{"start":{"line":2,"character":6},"end":{"line":2,"character":9}},{"start":{"line":1},"end":{}}]}',
    ],
    [{ kind: "vertex", digest: DIGEST }, "errdefs.Vertex+json", `{"digest":"${DIGEST}"}`],
    [{ kind: "subrequest", name: "frontend.x" }, "errdefs.Subrequest+json", '{"name":"frontend.x"}'],
    [{ kind: "frontendCap", name: "c" }, "errdefs.FrontendCap+json", '{"name":"c"}'],
    [{ kind: "frontend", name: "gateway.v0", source: "" }, "errdefs.Frontend+json", '{"name":"gateway.v0"}'],
    [{ kind: "exit", code: 3 }, "gatewayapi.ExitMessage+json", '{"Code":3}'],
    [
      {
        kind: "solve",
        inputIDs: ["i"],
        mountIDs: [],
        op: { exec: {} },
        subject: { kind: "file", index: 0 },
        description: {},
      },
      "errdefs.Solve+json",
      '{"inputIDs":["i"],"op":{"exec":{}},"file":{}}',
    ],
    [
      {
        kind: "stack",
        frames: [{ name: "f", file: "a.ts", line: 3 }],
        cmdline: ["node"],
        pid: 1,
        version: "v",
        revision: "",
      },
      "stack.Stack+json",
      '{"frames":[{"Name":"f","File":"a.ts","Line":3}],"cmdline":["node"],"pid":1,"version":"v"}',
    ],
  ])("%o", (detail, name, json) => {
    expect(jsonOf(detail)).toEqual([PREFIX + name, json]);
    expect(decodeDetail(encodeDetail(detail))).toMatchObject(
      detail.kind === "stack" ? { kind: "stack" } : detail,
    );
  });

  test("arrive in BuildKit", async () => {
    await using session = await gatewaySession();
    const error = sourceError("unknown key nmae", sourceDetail.info, sourceDetail.ranges, {
      code: Code.InvalidArgument,
    });
    await session.client.return(error);
    const [request] = await session.requests("Return");
    expect(request).toMatchObject({
      error: { code: 3, message: "unknown key nmae", details: [{ typeUrl: `${PREFIX}errdefs.Source+json` }] },
    });
    await expect(session.client.return(singleResult())).rejects.toThrow("result already");
  });

  test("text that is not well-formed does not lose the error", async () => {
    await using session = await gatewaySession();
    await session.client.return(new Error("bad \ud800 text"));
    expect(await session.requests("Return")).toMatchObject([
      { error: { code: 2, message: "bad \ufffd text" } },
    ]);
  });

  test("code 0 does not pass as success", async () => {
    await using session = await gatewaySession();
    await session.client.return(new GatewayError("oops", { code: Code.OK }));
    expect(await session.requests("Return")).toMatchObject([{ error: { code: 2 } }]);
  });
});

test("details that cannot be read stay as they came", () => {
  const garbage = { typeUrl: `${PREFIX}errdefs.Source+json`, value: Buffer.from("{not json") };
  const detail = decodeDetail(garbage);
  expect(detail).toEqual({ kind: "unknown", ...garbage });
  expect(encodeDetail(detail)).toBe(garbage);
  // Wrong types inside are zero values, as a reader of hostile input must take them.
  const odd = decodeDetail({
    typeUrl: `${PREFIX}errdefs.Source+json`,
    value: Buffer.from('{"info":3,"ranges":[null,{"start":{"line":"x"}}]}'),
  });
  expect(odd).toMatchObject({
    kind: "source",
    info: { filename: "" },
    ranges: [{ start: { line: 0 } }, { end: { line: 0 } }],
  });
});

test("a detail that was changed is encoded anew", () => {
  const decoded = decodeDetail({
    typeUrl: `${PREFIX}errdefs.Vertex+json`,
    value: Buffer.from('{"digest":"a","new":1}'),
  });
  if (decoded.kind !== "vertex") throw new Error("not a vertex");
  expect(Buffer.from(encodeDetail(decoded).value).toString()).toBe('{"digest":"a","new":1}');
  expect(Buffer.from(encodeDetail({ ...decoded, digest: "b" }).value).toString()).toBe('{"digest":"b"}');
});
