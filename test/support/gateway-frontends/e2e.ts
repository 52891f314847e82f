// The frontend that test/e2e/gateway.e2e.ts runs in a real BuildKit. The option `case` says what it does;
// what it saw is returned under `frontend.report`.
import { createHash } from "node:crypto";
import {
  createClient,
  detailsOf,
  exitCodeOf,
  GatewayError,
  imageResult,
  isNotExist,
  openStdio,
  runFrontend,
  singleRef,
  singleResult,
  sourceError,
  sourcesOf,
  transferListing,
  vertexOf,
  type BuildFunc,
  type Container,
  type StartRequest,
  type GatewayClient,
  type Reference,
  type Result,
} from "../../../src/gateway/index.ts";
import { createGrpcJsTransport } from "../../../src/grpc-js/index.ts";
import { methodPath } from "../../../src/gateway/transport.ts";
import {
  args,
  definitionFromPB,
  linuxAmd64,
  metadataOnlyTransfer,
  local,
  mkfile,
  newDefinitionOp,
  newSourceMap,
  platform,
  scratch,
  sessionID,
  withCaps,
  type State,
} from "../../../src/llb/index.ts";
import { gateway } from "../../../src/proto/index.ts";

const report = (value: unknown, ref?: Reference): Result =>
  singleResult(ref, { "frontend.report": JSON.stringify(value) });
const text = (data: Uint8Array): string => Buffer.from(data).toString();
const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");
const failure = async (promise: Promise<unknown>): Promise<GatewayError> =>
  promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => {
      if (error instanceof GatewayError) return error;
      throw error;
    },
  );

const host = platform({ os: "linux", architecture: process.arch === "arm64" ? "arm64" : "amd64" });

async function solve(client: GatewayClient, state: State): Promise<Reference> {
  const ref = singleRef(
    await client.solve({ definition: state.marshal(host, withCaps(client.llbCaps.ids)) }),
  );
  if (ref === undefined) throw new Error("no reference");
  return ref;
}

const files = (client: GatewayClient): Promise<Reference> =>
  solve(client, local("files", sessionID(client.buildOpts.sessionID)));

/** The image of this very frontend: it has a Node to run things with. */
async function ownImage(client: GatewayClient): Promise<State> {
  const definition = await client.currentFrontend();
  if (definition === undefined) throw new Error("BuildKit did not tell the frontend's image");
  return newDefinitionOp(definitionFromPB(definition));
}

const node = (script: string) => args(["/bin/node", "-e", script]);

/** A step that fails, tied to line 2 of a file of the given size. */
async function failing(client: GatewayClient, size = 0): Promise<{ state: State; digest: string }> {
  const yaml = newSourceMap(
    undefined,
    "service.yaml",
    "YAML",
    `# syntax=x\nstep: fails\nthird: line\n${"# filler line\n".repeat(size / 14)}`,
  );
  const at = yaml.location([{ start: { line: 2, character: 0 }, end: { line: 2, character: 11 } }]);
  // The salt keeps the step from being remembered as failed in another test.
  const salt = client.buildOpts.opts.get("salt") ?? "";
  const state = (await ownImage(client)).run(node(`console.log("${salt}"); process.exit(3)`), at).root();
  return { state, digest: state.marshal(host).head };
}

const describeError = (error: unknown) => ({
  code: error instanceof GatewayError ? error.codeName : "none",
  message: error instanceof Error ? error.message : String(error),
  kinds: error instanceof GatewayError ? error.details.map((detail) => detail.kind).sort() : [],
  vertex: vertexOf(error),
  exit: exitCodeOf(error),
  sources: sourcesOf(error).map(({ info, ranges }) => ({
    filename: info.filename,
    size: info.data.length,
    ranges,
  })),
});

/** Runs Node in a container. What keeps a process from starting is told by the start or by the wait, as it happens. */
async function runIn(container: Container, script: string, more: Partial<StartRequest> = {}) {
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  const error: unknown = await container
    .start({
      args: ["/bin/node", "-e", script],
      stdout: (chunk) => void out.push(Uint8Array.from(chunk)),
      stderr: (chunk) => void err.push(Uint8Array.from(chunk)),
      ...more,
    })
    .then((process) => process.wait())
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  return {
    out: Buffer.concat(out).toString(),
    err: Buffer.concat(err).toString(),
    exit: exitCodeOf(error),
    error: error === undefined ? undefined : describeError(error),
  };
}

/** Says where a case is stuck, long before the test runner gives up without a word. */
let step = "the beginning";
const at = (name: string): void => void (step = name);

const wanted = Object.values(process.env).includes("transport=grpc-js");
const transport = openStdio(wanted ? { connect: createGrpcJsTransport } : {});

const cases: Readonly<Record<string, BuildFunc>> = {
  async ping(client) {
    const pong = await client.ping();
    const { caps, llbCaps, workers, buildOpts } = client;
    return report({
      same: pong.caps.ids.join() === caps.ids.join(),
      caps: caps.ids,
      llbCaps: llbCaps.ids,
      workers,
      envWorkers: buildOpts.workers,
      opts: Object.fromEntries(buildOpts.opts),
      session: buildOpts.sessionID !== "",
      product: buildOpts.product,
      stdout: (process.stdout as NodeJS.WriteStream) === process.stderr,
    });
  },

  async files(client) {
    console.log("printing is harmless");
    const ref = await files(client);
    const big = await ref.readFile("big");
    const missing = await failure(ref.readFile("dir/nothing"));
    const directory = await failure(ref.readFile("dir"));
    return report({
      hello: text(await ref.readFile("hello.txt")),
      range: text(await ref.readFile("hello.txt", { offset: 7, length: 3 })),
      beyond: (await ref.readFile("hello.txt", { offset: 100, length: 10 })).length,
      empty: (await ref.readFile("empty")).length,
      link: text(await ref.readFile("dir/link")),
      big: { length: big.length, sha256: sha256(big) },
      page: sha256(await ref.readFile("big", { offset: 3_000_000, length: 17_000_000 })),
      entries: (await ref.readDir("dir")).map(({ path, type, size, linkname, permissions }) => ({
        path,
        type,
        size,
        linkname,
        permissions,
      })),
      pattern: (await ref.readDir("dir", { includePattern: "*.go" })).map((entry) => entry.path),
      stat: await ref
        .statFile("hello.txt")
        .then(({ type, size, modTime, uid }) => ({ type, size, modTime: String(modTime), uid })),
      root: (await ref.statFile(".")).type,
      missing: { ...describeError(missing), notExist: isNotExist(missing) },
      missingStat: isNotExist(await failure(ref.statFile("nothing"))),
      missingDir: isNotExist(await failure(ref.readDir("nothing"))),
      directory: isNotExist(directory),
    });
  },

  async listing(client) {
    const listed = await solve(
      client,
      local("files", sessionID(client.buildOpts.sessionID), metadataOnlyTransfer()),
    );
    return report(
      [...((await transferListing(listed, 1 << 20)) ?? [])].map(({ path, type, size, linkname }) => [
        path,
        type,
        size,
        linkname,
      ]),
    );
  },

  async evaluate(client) {
    const { state, digest } = await failing(client);
    const ref = await solve(client, state);
    const lazy = await failure(ref.evaluate());
    const eager = await failure(client.solve({ definition: state.marshal(host), evaluate: true }));
    const [solveDetail] = detailsOf(lazy, "solve");
    await (await files(client)).evaluate();
    return report({ digest, lazy: describeError(lazy), eager: describeError(eager), solve: solveDetail });
  },

  /** An error whose details carry a file that no header of Node's own HTTP/2 could. */
  async bigSource(client) {
    const { state } = await failing(client, 400_000);
    const ref = await solve(client, state);
    const error = await failure(ref.evaluate());
    return report({ error: describeError(error), alive: (await client.ping()).caps.ids.length > 0 });
  },

  async relay(client) {
    await (await solve(client, (await failing(client)).state)).evaluate();
    return singleResult();
  },

  async lazyFailure(client) {
    return singleResult(await solve(client, (await failing(client)).state));
  },

  sourceError: () =>
    Promise.reject(
      sourceError(
        "unknown key `nmae`",
        {
          filename: "service.yaml",
          data: Buffer.from("# syntax=x\nname: a\nnmae: b\nlast: c\n"),
          language: "YAML",
        },
        [{ start: { line: 3, character: 0 }, end: { line: 3, character: 4 } }],
      ),
    ),

  codedError: () =>
    Promise.reject(
      new GatewayError("not today", { code: 9, details: [{ kind: "subrequest", name: "frontend.x" }] }),
    ),

  crash: () => {
    setTimeout(() => {
      throw new TypeError("a bug in a timer");
    });
    return new Promise(() => undefined);
  },

  async sources(client) {
    const source = client.buildOpts.opts.get("source") ?? "";
    const identifier = `docker-image://${source}`;
    const image = await client.resolveSourceMeta(
      { identifier },
      { logName: "[internal] load metadata for the test", resolveMode: "pull" },
    );
    const noConfig = await client.resolveSourceMeta({ identifier }, { image: { noConfig: true } });
    const config = await client.resolveImageConfig(source, {
      platform: { os: "linux", architecture: process.arch === "arm64" ? "arm64" : "amd64" },
    });
    // The same client as an old server would make it: without the newer call.
    const pong = gateway.PongResponse.decode(await transport.unary(methodPath("Ping"), new Uint8Array(0)));
    pong.FrontendAPICaps = pong.FrontendAPICaps.filter((cap) => cap.ID !== "source.metaresolver");
    const old = await createClient(transport, { pong: gateway.PongResponse.encode(pong).finish() });
    const oldConfig = await old.resolveImageConfig(source, { resolveMode: "pull" });
    const oldMeta = await old.resolveSourceMeta({ identifier });
    const url = client.buildOpts.opts.get("url") ?? "";
    const http = await client.resolveSourceMeta(
      { identifier: `${url}/file.txt` },
      { http: { checksumRequest: { algo: "sha512" } } },
    );
    const git = await client.resolveSourceMeta(
      {
        identifier: `git://${url.replace("http://", "")}/repo.git#main`,
        attrs: { "git.fullurl": `${url}/repo.git` },
      },
      { git: { returnObject: true } },
    );
    const missing = await failure(client.resolveSourceMeta({ identifier: `${identifier}-missing` }));
    const entrypoint = (bytes: Uint8Array) =>
      (JSON.parse(text(bytes)) as { config: { Entrypoint: string[] } }).config.Entrypoint;
    return report({
      image: {
        source: image.source.identifier,
        digest: image.image?.digest,
        entrypoint: entrypoint(image.image?.config ?? new Uint8Array(0)),
      },
      noConfig: { digest: noConfig.image?.digest, length: noConfig.image?.config.length },
      config: { ref: config.ref, digest: config.digest, entrypoint: entrypoint(config.config) },
      old: { ref: oldConfig.ref, digest: oldConfig.digest, meta: oldMeta.image?.digest },
      http: {
        checksum: http.http?.checksum,
        filename: http.http?.filename,
        modified: http.http?.lastModified,
        sha512: http.http?.checksumResponse?.digest,
      },
      git: {
        checksum: git.git?.checksum,
        ref: git.git?.ref,
        commit: text(git.git?.commitObject ?? new Uint8Array(0)),
      },
      missing: describeError(missing),
    });
  },

  /** Runs itself as another frontend, with inputs. */
  async nested(client) {
    const input = scratch().file(mkfile("/from-outside", 0o644, "input"));
    const inner = await client.solve({
      frontend: "gateway.v0",
      frontendOpt: { source: client.buildOpts.opts.get("source") ?? "", case: "inputs" },
      frontendInputs: { context: input.marshal(host) },
    });
    const ref = singleRef(inner);
    const again =
      ref === undefined
        ? undefined
        : ref.toState((definition) => newDefinitionOp(definitionFromPB(definition)));
    const built =
      again === undefined ? undefined : await solve(client, again.file(mkfile("/on-top", 0o644, "top")));
    return report({
      inner: JSON.parse(text(inner.metadata.get("frontend.report") ?? new Uint8Array(0))) as unknown,
      file: ref && text(await ref.readFile("from-inside")),
      onTop: built && (await built.readDir("/")).map((entry) => entry.path),
    });
  },

  async inputs(client) {
    const inputs = await client.inputs();
    const definition = inputs.get("context");
    if (definition === undefined) throw new Error("no input");
    const state = newDefinitionOp(definitionFromPB(definition));
    const ref = await solve(client, state.file(mkfile("/from-inside", 0o644, "inside")));
    return report({ names: [...inputs.keys()], content: text(await ref.readFile("from-outside")) }, ref);
  },

  async warn(client) {
    const state = local("files", sessionID(client.buildOpts.sessionID));
    const { head } = state.marshal(host);
    await (await solve(client, state)).readFile("hello.txt");
    await client.warn(head, "TestRule: something is odd (line 2)", {
      detail: ["the detail"],
      url: "https://example.com/rule",
      sourceInfo: { filename: "service.yaml", data: Buffer.from("a\nb\nc\n"), language: "YAML" },
      ranges: [{ start: { line: 2, character: 0 }, end: { line: 2, character: 1 } }],
    });
    return singleResult();
  },

  async image(client) {
    const ref = await solve(client, scratch().file(mkfile("/hello", 0o644, "hello")));
    const predicate = await solve(client, scratch().file(mkfile("/p.json", 0o644, '{"a":1}')));
    const resultOf = (architecture: string, attest: boolean) => ({
      platform: { os: "linux", architecture },
      ref,
      config: { os: "linux", architecture, config: { Labels: { made: "by-test" } } },
      attestations: attest
        ? [
            {
              kind: "in-toto" as const,
              ref: predicate,
              path: "/p.json",
              predicateType: "https://example.com/predicate/v1",
            },
          ]
        : [],
    });
    const mode = client.buildOpts.opts.get("mode");
    if (mode === "single") return imageResult([resultOf("amd64", false)]);
    if (mode === "empty") return imageResult([{ ...resultOf("amd64", false), ref: undefined }]);
    return imageResult([resultOf("amd64", true), resultOf("arm64", false)], {
      metadata: { "frontend.report": "{}" },
    });
  },

  async container(client) {
    const root = await solve(client, await ownImage(client));
    const bare = () => client.newContainer({ mounts: [{ dest: "/", ref: root }] });
    const full = await client.newContainer({
      mounts: [
        { dest: "/", ref: root },
        { dest: "/work", type: "bind" },
        { dest: "/scratch", type: "tmpfs" },
        { dest: "/cache", type: "cache", cache: { id: "gateway-e2e", sharing: "private" } },
        { dest: "/run/secrets/s", type: "secret", secret: { id: "token" } },
      ],
      hostname: "test-host",
      netMode: "none",
      extraHosts: [{ host: "db.test", ip: "10.1.2.3" }],
    });
    at("first");
    const first = await runIn(
      full,
      `const fs = require("fs"); fs.writeFileSync("/work/made", "by the process"); fs.mkdirSync("/work/sub");
       console.log(require("os").hostname(), process.env.WORD, process.env.SECRET, fs.readFileSync("/run/secrets/s", "utf8"), fs.readFileSync("/etc/hosts", "utf8").includes("db.test"), process.cwd());
       console.error("to stderr")`,
      { env: ["WORD=word"], cwd: "/work", secretEnv: [{ id: "token", name: "SECRET" }] },
    );
    const mountIndex = 1;
    at("files");
    const files = {
      made: text(await full.readFile("made", { mountIndex })),
      part: text(await full.readFile("/made", { mountIndex, offset: 3, length: 3 })),
      entries: (await full.readDir("/", { mountIndex })).map((entry) => [entry.path, entry.type]),
      stat: await full.statFile("made", { mountIndex }).then(({ size, type }) => ({ size, type })),
      node: (await full.statFile("/bin/node")).size > 1_000_000,
      missing: isNotExist(await failure(full.readFile("/no/such/file"))),
    };
    at("release");
    await full.release();
    const released = await failure(full.start({ args: ["/bin/node"] }));

    at("init");
    // Processes that enter the container of a first one.
    const shared = await bare();
    const up = Promise.withResolvers<void>();
    const init = await shared.start({
      args: ["/bin/node", "-e", "console.log('up'); setInterval(() => {}, 1000)"],
      stdout: () => up.resolve(),
    });
    await up.promise;
    const big = Buffer.alloc(3_000_000, "x");
    at("echo");
    const [echo, entered] = await Promise.all([
      runIn(
        shared,
        "let n = 0; process.stdin.on('data', (d) => n += d.length).on('end', () => console.log(n))",
        {
          stdin: (async function* () {
            for (let at = 0; at < big.length; at += 100_000) yield big.subarray(at, at + 100_000);
          })(),
        },
      ),
      runIn(shared, "console.log('entered')"),
    ]);
    at("tty");
    const tty = Promise.withResolvers<void>();
    let screen = "";
    const terminal = await shared.start({
      args: [
        "/bin/node",
        "-e",
        `const look = () => { if (process.stdout.columns === 81) { console.log("size", process.stdout.columns, process.stdout.rows); process.exit(0); } };
         process.stdout.on("resize", look); console.log("tty", process.stdout.isTTY); setInterval(look, 50);`,
      ],
      tty: true,
      stdin: (async function* () {
        await tty.promise;
        yield* [] as Uint8Array[];
      })(),
      stdout: (chunk) => {
        screen += text(chunk);
        if (screen.includes("tty")) tty.resolve();
      },
    });
    await Promise.race([tty.promise, terminal.wait()]);
    await terminal.resize({ rows: 25, cols: 81 });
    await terminal.wait();
    at("failed");
    // One that fails ends the container and all that runs in it.
    const failed = await runIn(shared, "process.exit(42)");
    at("ended");
    const ended = await failure(init.wait());
    at("shared release");
    await shared.release();

    at("signal");
    const second = await bare();
    const ready = Promise.withResolvers<void>();
    const waiting = await second.start({
      args: [
        "/bin/node",
        "-e",
        "process.on('SIGINT', () => process.exit(9)); console.log('ready'); setInterval(() => {}, 1000)",
      ],
      stdout: () => ready.resolve(),
    });
    await Promise.race([ready.promise, waiting.wait()]);
    await waiting.signal("INT");
    const signalled = exitCodeOf(await failure(waiting.wait()));
    await second.release();

    at("broken");
    const third = await bare();
    const broken = await runIn(third, "", { args: ["/no/such/program"] });
    await third.release();

    at("ignoring");
    const fourth = await bare();
    const ignoring = await runIn(fourth, "process.exit(5)", {
      stdin: (function* () {
        for (let i = 0; i < 100; i++) yield big.subarray(0, 100_000);
      })(),
    });
    await fourth.release();
    return report({
      first,
      files,
      released: describeError(released),
      echo,
      entered,
      screen,
      failed,
      ended: describeError(ended),
      signalled,
      broken,
      ignoring,
    });
  },

  /** What a debugger does: mount what a failed step left behind. */
  async debug(client) {
    const salt = client.buildOpts.opts.get("salt") ?? "";
    const state = (await ownImage(client))
      .run(node(`require("fs").writeFileSync("/left-behind", "${salt}"); process.exit(3)`))
      .root();
    const error = await failure((await solve(client, state)).evaluate());
    const [detail] = detailsOf(error, "solve");
    const [resultID = ""] = detail?.mountIDs ?? [];
    const container = await client.newContainer({ mounts: [{ dest: "/", resultID }] });
    const chunks: Uint8Array[] = [];
    const process = await container.start({
      args: ["/bin/node", "-p", "require('fs').readFileSync('/left-behind', 'utf8')"],
      stdout: (chunk) => void chunks.push(Uint8Array.from(chunk)),
    });
    await process.wait();
    await container.release();
    return report({ found: Buffer.concat(chunks).toString().trim(), detail });
  },

  async limits(client) {
    const large = (size: number) =>
      scratch().file(mkfile("/large", 0o644, Buffer.alloc(size, client.buildOpts.opts.get("salt"))));
    const ok = await solve(client, large(15_900_000));
    const readBack = await ok.readFile("/large");
    const tooLarge = await failure(client.solve({ definition: large(17_000_000).marshal(linuxAmd64) }));
    const ref = await files(client);
    const request = gateway.ReadFileRequest.encode({
      Ref: ref.id,
      FilePath: "big",
      Range: { Offset: 0, Length: 20_000_000 },
    }).finish();
    const answer = await transport.unary(methodPath("ReadFile"), request).then(
      () => "read",
      (error: unknown) => describeError(error).message,
    );
    return report({
      readBack: readBack.length,
      tooLarge: describeError(tooLarge),
      answer,
      alive: text(await ref.readFile("hello.txt")),
    });
  },

  async concurrent(client) {
    const ref = await files(client);
    await ref.evaluate();
    const reads = await Promise.all(
      Array.from({ length: 400 }, (_, i) =>
        i % 4 === 0
          ? ref.readFile("big", { offset: i * 1000, length: 100_000 })
          : ref.readFile("hello.txt", { offset: i % 12, length: 1 }),
      ),
    );
    return report({
      small: reads
        .filter((data) => data.length === 1)
        .map(text)
        .join("").length,
      large: sha256(Buffer.concat(reads.filter((data) => data.length > 1))),
      text: reads
        .filter((data) => data.length === 1)
        .map(text)
        .slice(0, 9)
        .join(""),
    });
  },

  async cancel(client) {
    const salt = client.buildOpts.opts.get("salt") ?? "";
    const ref = await solve(
      client,
      (await ownImage(client)).run(node(`setTimeout(() => {}, 600000) /* ${salt} */`)).root(),
    );
    const controller = new AbortController();
    const pending = failure(ref.evaluate({ signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    controller.abort(new Error("changed my mind"));
    const error = await pending;
    return report({
      error: describeError(error),
      alive: text(await (await files(client)).readFile("hello.txt")),
    });
  },

  async hang() {
    await new Promise((resolve) => setTimeout(resolve, 600_000));
    return singleResult();
  },
};

setTimeout(() => {
  throw new Error(`stuck at ${step}`);
}, 45_000).unref();

await runFrontend(
  (client) =>
    (cases[client.buildOpts.opts.get("case") ?? ""] ?? (() => Promise.reject(new Error("no such case"))))(
      client,
    ),
  { transport },
);
