// Faults of others: module proxies, git servers and registries.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mirrorReference, systemCaBundle } from "../../rig/index.ts";
import { startGitServer } from "../support/git-server.ts";
import { proxyFiles } from "../support/module-proxy.ts";
import {
  type Fault,
  type FaultyServer,
  type Faults,
  fromFiles,
  fromServer,
  startFaultyServer,
} from "../support/faulty-server.ts";
import type { FaultCase } from "./faults.ts";
import { SUM, thirtyModules } from "./modules.ts";
import { type Built, buildTree, linesOf, must, type Place, writeTree } from "./place.ts";

const where = "module proxy";

const MIXED: readonly Fault[] = ["reset", "reset", "cut", "cut", 429, 500, 502, 502, 503, "silent"];
/** Makes the modules of one run others than those of the run before. */
const run = Date.now().toString(36);

async function withProxy<T>(
  mark: string,
  faults: Faults,
  use: (proxy: FaultyServer, service: ReturnType<typeof thirtyModules>["service"]) => Promise<T>,
): Promise<T> {
  const { modules, service } = thirtyModules(mark);
  const proxy = await startFaultyServer(fromFiles(proxyFiles(modules)), faults);
  try {
    return await use(proxy, service);
  } finally {
    await proxy.stop();
  }
}

const through = ({ url }: FaultyServer): readonly string[] => [
  `--build-arg=GOPROXY=${url}`,
  "--build-arg=GONOSUMDB=*.example.test",
];

async function buildThrough(
  place: Place,
  mark: string,
  faults: Faults,
  description = "name: app\n",
  args: readonly string[] = [],
): Promise<Built & { readonly proxy: FaultyServer }> {
  return withProxy(mark, faults, async (proxy, service) => {
    const tree = writeTree(place, { ...service, "service.yaml": description });
    return { ...(await buildTree(place, tree, [...through(proxy), ...args])), proxy };
  });
}

/** Whether `go mod download` succeeds once, without any help. */
async function plainDownload(place: Place, mark: string, faults: Faults): Promise<boolean> {
  return withProxy(mark, faults, async (proxy, service) => {
    const { dir } = writeTree(place, service);
    const child = spawnDownload(place, dir, proxy);
    return (await child) === 0;
  });
}

function spawnDownload(place: Place, cwd: string, { url }: FaultyServer): Promise<number | null> {
  const env = {
    ...process.env,
    GOPROXY: url,
    GONOSUMDB: "*",
    GOFLAGS: "-modcacherw",
    GOMODCACHE: mkdtempSync(join(place.work, "gm-")),
    GOTOOLCHAIN: "local",
  };
  return new Promise((resolve, reject) => {
    // A go that waits for a silent server does so without end.
    const child = spawn("go", ["mod", "download"], { cwd, env, stdio: "ignore", timeout: 30_000 });
    child.on("error", reject);
    child.on("close", resolve);
  });
}

const always = (kind: Fault, only?: Faults["only"]): Faults => ({
  seed: "",
  percent: 100,
  kinds: [kind],
  ...(only === undefined ? {} : { only }),
});

/** A server that stays broken: the error names the module, the host and what was tried, within 90 seconds. */
function broken(kind: Fault, name: string, says: RegExp, only?: Faults["only"]): FaultCase {
  return {
    where,
    name,
    promise: "an error within 90 s, with the module, its line in go.mod, the host and what was tried",
    long: true,
    waits: true,
    try: async (place) => {
      const built = await buildThrough(
        place,
        `broken${String(kind)}${only === undefined ? "" : "one"}${run}`,
        always(kind, only),
      );
      must(built.code !== 0, "the build succeeded");
      const found = linesOf(built.log, /go\.mod:\d+:2: GF091 /)[0] ?? "";
      must(
        found.includes("cannot be downloaded") && found.includes(built.proxy.host) && says.test(found),
        built.log,
      );
      must(built.seconds < 90, `it took ${built.seconds.toFixed(0)} s\n${built.log}`);
      must(
        built.log.includes(`waiting for ${built.proxy.host}`) || built.log.includes("attempt 2 of"),
        built.log,
      );
      return `\`${found
        .replace(/^.*?(?=GF091)/, "")
        .replace(/127\.0\.0\.1:\d+/, "HOST")
        .replaceAll(/\S+\.example\.test/g, "MODULE")}\`, after ${built.seconds.toFixed(0)} s`;
    },
  };
}

/** An answer that another attempt does not change. */
function final(status: number, says: RegExp): FaultCase {
  return {
    where,
    name: `it answers ${status} for one of thirty modules`,
    promise: "an error at once: what was refused is asked for once by a plan",
    try: async (place) => {
      const only = (path: string): boolean => path.startsWith("/m7.") && path.endsWith(".zip");
      const built = await buildThrough(place, `final${status}${run}`, always(status, only));
      must(built.code !== 0, "the build succeeded");
      must(says.test(built.log), built.log);
      must(!built.log.includes("attempt 2 of"), built.log);
      const asked = [...built.proxy.asked].filter(([path]) => only(path)).map(([, count]) => count);
      // Once by each of the two plans, the second for fewer modules.
      must(asked.length === 1 && (asked[0] ?? 0) <= 2, `asked ${String(asked)} times`);
      return `the error after ${String(asked[0])} requests`;
    },
  };
}

type GitFaults = Pick<Faults, "seed" | "percent" | "kinds">;

/** Builds a service that imports a module of a git server, over https with a token. */
async function buildFromGit(place: Place, faults: GitFaults, token = "the-right-one"): Promise<Built> {
  const server = await startGitServer("127.0.0.78", "the-right-one", {}, faults);
  try {
    const bundle = systemCaBundle();
    const ca = join(place.work, "ca.pem");
    writeFileSync(ca, `${bundle === undefined ? "" : readFileSync(bundle, "utf8")}\n${server.ca}`);
    const secret = join(place.work, "token");
    writeFileSync(secret, token);
    const tree = writeTree(place, {
      "go.mod": `module example.test/git\n\ngo 1.26\n\nrequire ${server.module} ${server.version}\n`,
      "go.sum": server.sums,
      "main.go": `package main\n\nimport lib "${server.module}"\n\nfunc main() { println(lib.Hello()) }\n`,
      "service.yaml": `name: app\nmodules:\n  private: [${server.host}/*]\n  auth:\n    ${server.host}: { token: acme-token }\n`,
    });
    return await buildTree(place, tree, [
      "--add-host",
      `${server.host}=${server.address}`,
      "--secret",
      `id=ca-certificates,src=${ca}`,
      "--secret",
      `id=acme-token,src=${secret}`,
      "--no-cache-filter=modules",
    ]);
  } finally {
    server.stop();
  }
}

function brokenGit(kind: Fault, name: string): FaultCase {
  return {
    where: "git server",
    name,
    promise: "an error within 90 s, with the host and what was tried",
    long: true,
    try: async (place) => {
      const built = await buildFromGit(place, { seed: "", percent: 100, kinds: [kind] });
      must(built.code !== 0, "the build succeeded");
      const found = linesOf(built.log, /GF091 /)[0] ?? "";
      must(found.includes("git.example.test") && found.includes(" attempts within "), built.log);
      must(built.seconds < 90, `it took ${built.seconds.toFixed(0)} s\n${built.log}`);
      return `\`${found.replace(/^.*?(?=GF091)/, "")}\`, after ${built.seconds.toFixed(0)} s`;
    },
  };
}

/** Builds an image on a base that a registry has which fails. */
async function buildOnBase(
  place: Place,
  faults: Faults,
): Promise<Built & { readonly server: FaultyServer; readonly base: string }> {
  const server = await startFaultyServer(fromServer(`http://${place.rig.registry}`), faults);
  try {
    const path = mirrorReference(place.rig.registry, "busybox:latest").replace(/^[^/]+\//, "");
    const base = `${server.host}/${path}`;
    const { dir, file } = writeTree(place, {
      "service.yaml": `name: app\nimage: { base: "${base}" }\n`,
      "go.mod": "module example.test/base\n\ngo 1.26\n",
      "main.go": "package main\n\nfunc main() {}\n",
    });
    const begin = performance.now();
    const { code, stderr } = await place.clients.buildx([
      "build",
      "--progress=plain",
      "-f",
      file,
      `--output=type=oci,dest=${join(place.work, "image.tar")}`,
      dir,
    ]);
    return { code, log: stderr, seconds: (performance.now() - begin) / 1000, says: "", server, base };
  } finally {
    await server.stop();
  }
}

function brokenRegistry(kind: Fault, name: string, says: RegExp): FaultCase {
  const isAnswer = kind === 403 || kind === 404;
  return {
    where: "registry",
    name,
    promise: isAnswer
      ? "an error at the base's line, at once"
      : "an error at the base's line within 90 s, with the image and what was tried",
    ...(isAnswer ? {} : { long: true, waits: true }),
    try: async (place) => {
      const built = await buildOnBase(place, always(kind));
      must(built.code !== 0, "the build succeeded");
      const found = linesOf(built.log, /service\.yaml:3:\d+: GF070 /)[0] ?? "";
      must(found.includes(built.base) && says.test(found), built.log);
      must(built.seconds < 90, `it took ${built.seconds.toFixed(0)} s\n${built.log}`);
      return `\`${found.replace(/^.*?(?=GF070)/, "").replaceAll(built.server.host, "HOST")}\`, after ${built.seconds.toFixed(0)} s`;
    },
  };
}

export const networkFaults: readonly FaultCase[] = [
  {
    where,
    name: "30 modules, 20 % of the requests are reset, cut, not answered, or answered with 429, 500, 502 or 503",
    promise: "the build finishes, 10 of 10 times; plain `go mod download` does not",
    waits: true,
    try: async (place, whole) => {
      const seeds = Array.from({ length: whole ? 10 : 2 }, (_, index) => String(index + 1));
      const results = await Promise.all(
        seeds.map(async (seed) => {
          // What happens to a path is the same in every run, so no name changes with it.
          const faults: Faults = { seed, percent: 20, kinds: MIXED };
          const alone = await plainDownload(place, `seed${seed}`, faults);
          const built = await buildThrough(place, `seed${seed}`, faults, undefined, [
            "--no-cache-filter=modules",
            `--build-arg=BUILDKIT_CACHE_MOUNT_NS=${run}`,
          ]);
          must(built.says === `${SUM}\n`, `seed ${seed}: ${built.log}`);
          return { alone, seconds: built.seconds };
        }),
      );
      const plain = results.filter(({ alone }) => alone).length;
      const longest = Math.max(...results.map(({ seconds }) => seconds));
      must(plain === 0, `plain go mod download succeeded ${plain} of ${seeds.length} times`);
      return `${seeds.length} of ${seeds.length} builds finish, the longest in ${longest.toFixed(0)} s; plain \`go mod download\`: ${plain} of ${seeds.length}`;
    },
  },
  broken(
    500,
    "it answers 500 to everything",
    /answered 500 Internal Server Error \(\d+ attempts within \d+s\)/,
  ),
  broken(
    "reset",
    "it resets every connection",
    /connection reset by peer \(\d+ attempts within \d+s\)|EOF \(\d+ attempts/,
  ),
  broken("silent", "it accepts and never answers", /nothing came for \d+s \(\d+ attempts within/),
  broken(
    "silent",
    "it never answers for one of thirty modules",
    /nothing came for \d+s \(\d+ attempts within/,
    (path) => path.startsWith("/m7.") && path.endsWith(".zip"),
  ),
  broken("cut", "it cuts every answer short", /unexpected EOF \(\d+ attempts within \d+s\)/),
  final(401, /GF052 127\.0\.0\.1:\d+ wants a login for m7\.\S+ v1\.0\.0: 401 Unauthorized/),
  final(403, /GF091 the module proxy 127\.0\.0\.1:\d+ does not give m7\.\S+ v1\.0\.0: 403 Forbidden/),
  final(404, /GF052 m7\.\S+ v1\.0\.0 is not on the module proxy/),
  final(410, /GF052 m7\.\S+ v1\.0\.0 is not on the module proxy/),
  {
    where: "git server",
    name: "5 % of the requests are reset, cut, or answered with 429, 500, 502 or 503",
    promise: "the build finishes",
    try: async (place, whole) => {
      const seeds = Array.from({ length: whole ? 10 : 2 }, (_, index) => String(index + 1));
      let longest = 0;
      for (const seed of seeds) {
        const kinds: readonly Fault[] = ["reset", "cut", 429, 500, 502, 503];
        const built = await buildFromGit(place, { seed, percent: 5, kinds });
        must(built.says === "hello from a private module\n", `seed ${seed}: ${built.log}`);
        longest = Math.max(longest, built.seconds);
      }
      return `${seeds.length} of ${seeds.length} builds finish, the longest in ${longest.toFixed(0)} s`;
    },
  },
  brokenGit(502, "it answers 502 to everything"),
  brokenGit("silent", "it accepts and never answers"),
  {
    where: "git server",
    name: "it refuses the token (401)",
    promise: "an error at once, with the host, the module and the secret",
    try: async (place) => {
      const built = await buildFromGit(place, { seed: "", percent: 0, kinds: [502] }, "another");
      must(built.code !== 0 && !built.log.includes("attempt 2 of"), built.log);
      const found = linesOf(built.log, /GF052 /)[0] ?? "";
      const refusal =
        "git.example.test does not give git.example.test/acme/lib.git v1.0.0 to the secret acme-token";
      must(found.includes(refusal), built.log);
      return `\`${found.replace(/^.*?(?=GF052)/, "")}\``;
    },
  },
  {
    where: "registry",
    name: "20 % of the requests for the base image are reset, cut, or answered with 429, 500, 502 or 503",
    promise: "the build finishes",
    long: true,
    try: async (place) => {
      const seeds = Array.from({ length: 10 }, (_, index) => String(index + 1));
      for (const seed of seeds) {
        const kinds: readonly Fault[] = ["reset", "cut", 429, 500, 502, 503];
        const built = await buildOnBase(place, { seed, percent: 20, kinds });
        must(built.code === 0, `seed ${seed}: ${built.log}`);
      }
      return `${seeds.length} of ${seeds.length} builds finish`;
    },
  },
  brokenRegistry(502, "it answers 502 to everything", /502 Bad Gateway \(5 attempts\)/),
  brokenRegistry("silent", "it accepts and never answers", /no answer for \d+ s \(5 attempts\)/),
  brokenRegistry(403, "it answers 403", /: access denied$/),
  brokenRegistry(404, "it answers 404", /: not found$/),
];
