// A real git server over https and ssh for tests of private modules; see git-server/main.go.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../../rig/index.ts";
import type { Faults } from "./faulty-server.ts";
import { type Modules, proxyFiles } from "./module-proxy.ts";

export interface GitServer {
  /** Name under which modules are imported; map it to `address` with --add-host. */
  readonly host: string;
  /** URL of a module proxy that wants the same password. */
  readonly proxy: string;
  readonly address: string;
  readonly sshPort: number;
  /** PEM of the server's own CA. */
  readonly ca: string;
  /** Private key that the ssh server accepts. */
  readonly keyFile: string;
  readonly knownHosts: string;
  /** go.sum lines of the module that it serves. */
  readonly sums: string;
  readonly module: string;
  readonly version: string;
  readonly stop: () => void;
}

/**
 * Serves one private module, `git.example.test/acme/lib.git`, to whoever has the password or the key, and others by a
 * module proxy.
 * Needs root, for port 443 of a loopback address: Go asks git servers at their usual port.
 */
export async function startGitServer(
  address: string,
  password: string,
  modules: Modules = {},
  faults: Pick<Faults, "seed" | "percent" | "kinds"> = { seed: "", percent: 0, kinds: [502] },
): Promise<GitServer> {
  const host = "git.example.test";
  const module = `${host}/acme/lib.git`;
  const version = "v1.0.0";
  const folder = mkdtempSync(join(tmpdir(), "git-server-"));
  const library = join(folder, "lib");
  const files = {
    "go.mod": `module ${module}\n\ngo 1.21\n`,
    "lib.go":
      'package lib\n\n// Hello greets.\nfunc Hello() string { return "hello from a private module" }\n',
  };
  mkdirSync(join(folder, "state"));
  mkdirSync(library);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(library, name), text);
  const proxy = join(folder, "modules");
  for (const [name, bytes] of proxyFiles(modules)) {
    mkdirSync(dirname(join(proxy, name)), { recursive: true });
    writeFileSync(join(proxy, name), bytes);
  }
  const program = buildServer();
  const sums = execFileSync(program, ["sum", library, module, version], { encoding: "utf8" });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.test", ...args], {
      cwd: library,
      stdio: "pipe",
    });
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-q", "-m", "one");
  git("tag", version);
  git("clone", "-q", "--bare", ".", join(folder, "root", "acme", "lib.git"));

  const sshPort = 2222;
  const child = spawn(
    program,
    [
      "serve",
      "-root",
      join(folder, "root"),
      "-modules",
      proxy,
      "-https",
      `${address}:443`,
      "-ssh",
      `${address}:${sshPort}`,
      "-host",
      host,
      "-password",
      password,
      "-state",
      join(folder, "state"),
      "-fault-percent",
      String(faults.percent),
      "-fault-kinds",
      faults.kinds.join(","),
      "-fault-seed",
      faults.seed,
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  await new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`the git server ended with ${String(code)}`)));
  });
  const state = (name: string): string => join(folder, "state", name);
  return {
    host,
    proxy: `https://${host}/modules`,
    address,
    sshPort,
    ca: readFileSync(state("ca.pem"), "utf8"),
    keyFile: state("id_ed25519"),
    knownHosts: readFileSync(state("known_hosts"), "utf8").trim(),
    sums,
    module,
    version,
    stop: () => void child.kill(),
  };
}

function buildServer(): string {
  const source = join(dirname(fileURLToPath(import.meta.url)), "git-server");
  const program = join(cacheFolder(), "test", "git-server");
  execFileSync("go", ["build", "-o", program, "."], {
    cwd: source,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  return program;
}
