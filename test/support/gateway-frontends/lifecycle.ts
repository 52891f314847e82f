// A frontend that behaves as its argument says; started by test/gateway/lifecycle.process.ts.
import { writeSync } from "node:fs";
import {
  GatewayError,
  imageResult,
  openStdio,
  runFrontend,
  singleRef,
  singleResult,
  type BuildFunc,
  type Result,
} from "../../../src/gateway/index.ts";

const never = new Promise<never>(() => undefined);
const later = (run: () => void): void => void setTimeout(run, 20);

const json = (value: unknown): Result => singleResult(undefined, { "result.json": JSON.stringify(value) });

const cases: Readonly<Record<string, BuildFunc>> = {
  async single(client) {
    const ref = singleRef(await client.solve({ frontend: "harness" }));
    const config = { architecture: "amd64", os: "linux", config: {} };
    return imageResult([{ platform: { os: "linux", architecture: "amd64" }, ref, config }]);
  },
  async multi(client) {
    const ref = singleRef(await client.solve({ frontend: "harness" }));
    return imageResult(
      [
        {
          platform: { os: "linux", architecture: "amd64" },
          ref,
          config: Buffer.from("{}"),
          baseConfig: { a: 1 },
        },
        {
          platform: { os: "linux", architecture: "arm", variant: "v7" },
          ref: undefined,
          attestations: [
            {
              kind: "in-toto",
              ref,
              path: "/p.json",
              predicateType: "https://example.com/p",
              subjects: [{ kind: "self" }, { kind: "raw", name: "n", digest: [`sha256:${"0".repeat(64)}`] }],
              metadata: { reason: "sbom" },
            },
          ],
        },
      ],
      { metadata: { "frontend.note": "hi" } },
    );
  },
  empty: () => Promise.resolve(singleResult()),
  terminated() {
    later(() => process.kill(process.pid, "SIGTERM"));
    return never;
  },
  opts: (client) =>
    Promise.resolve(json({ ...client.buildOpts, opts: Object.fromEntries(client.buildOpts.opts) })),
  async prints() {
    console.log("to stdout");
    console.error("to stderr");
    process.stdout.write("more to stdout\n");
    await new Promise((resolve) => setTimeout(resolve, 20));
    return json({ fd: (process.stdout as NodeJS.WriteStream) === process.stderr });
  },
  fails: () =>
    Promise.reject(
      new GatewayError("unknown key", { code: 3, details: [{ kind: "subrequest", name: "x" }] }),
    ),
  bug: () => Promise.reject(new TypeError("undefined is not a function")),
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what happens then is the test
  throwsText: () => Promise.reject("just text"),
  rejectsElsewhere: () => {
    later(() => void Promise.reject(new Error("forgotten promise")));
    return never;
  },
  throwsElsewhere: () => {
    later(() => {
      throw new Error("in a timer");
    });
    return never;
  },
  lateRejection: async () => {
    setImmediate(() => void Promise.reject(new Error("after the result")));
    await Promise.resolve();
    return singleResult();
  },
  async relays(client) {
    await client.solve({ frontend: "harness", frontendOpt: { error: "all" } });
    return singleResult();
  },
  staleRef: (client) =>
    client.solve({ frontend: "harness" }).then((result) => {
      const ref = singleRef(result);
      return singleResult(ref && { ...ref, id: "gone" });
    }),
  async cut(client) {
    await singleRef(await client.solve({ frontend: "harness" }))?.readFile("/.harness/cut");
    return never;
  },
  lingers: () => {
    setInterval(() => undefined, 1000);
    return Promise.resolve(singleResult());
  },
  async large(client) {
    const data = await singleRef(await client.solve({ frontend: "harness" }))?.readFile(
      "/.harness/bytes/20971520",
    );
    return singleResult(undefined, { size: String(data?.length) });
  },
};

const name = process.argv[2] ?? "";
if (name === "load") {
  await runFrontend({ load: () => Promise.resolve(cases["empty"] ?? (() => never)) });
} else if (name === "loadFails") {
  await runFrontend({ load: () => Promise.reject(new Error("module is missing")) });
} else if (name === "describes") {
  await runFrontend(() => Promise.reject(new Error("raw")), {
    describe: (error) => new GatewayError(`nice: ${String(error)}`),
  });
} else if (name === "noise") {
  // What a program without the guard does to the session.
  const transport = openStdio();
  await new Promise((resolve) => setTimeout(resolve, 20));
  writeSync(1, "printed past the guard\n");
  process.stderr.write((await transport.lost).message);
  process.exit(3);
} else {
  await runFrontend(cases[name] ?? (() => Promise.reject(new Error(`no case ${name}`))));
}
