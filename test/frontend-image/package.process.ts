// `npm run build`, used as a user of the npm package would.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const repository = join(import.meta.dirname, "..", "..");
const work = mkdtempSync(join(tmpdir(), "go-frontend-package-"));
const installed = join(work, "node_modules", "go-frontend");

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 60_000 });
  expect(`${stdout}${stderr}`).toSatisfy(() => status === 0);
  return stdout;
}

beforeAll(() => {
  const dist = join(installed, "dist");
  mkdirSync(installed, { recursive: true });
  run(process.execPath, [join(repository, "scripts", "build.ts"), dist], repository);
  cpSync(join(repository, "package.json"), join(installed, "package.json"));
  for (const name of ["protobufjs", "long", "@protobufjs", "@types", "undici-types"]) {
    symlinkSync(join(repository, "node_modules", name), join(work, "node_modules", name));
  }
  writeFileSync(join(work, "package.json"), JSON.stringify({ type: "module" }));
}, 120_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

test("the libraries work by their package names, and share their protobuf code", () => {
  writeFileSync(
    join(work, "use.js"),
    `import { definitionFromPB, linuxAmd64, mkfile, scratch } from "go-frontend/llb";
     import { GatewayError, runFrontend, sourceError } from "go-frontend/gateway";
     const definition = scratch().file(mkfile("/hello", 0o644, "hello")).marshal(linuxAmd64);
     const read = definitionFromPB(definition.toPB());
     console.log(JSON.stringify([
       read.head === definition.head,
       sourceError("wrong", { filename: "f", data: "", language: "YAML" }, []) instanceof GatewayError,
       typeof runFrontend,
     ]));`,
  );
  expect(JSON.parse(run(process.execPath, ["use.js"], work))).toEqual([true, true, "function"]);
});

test("its declarations are found and say what fits", () => {
  const use = (mode: string): string =>
    `import { linuxAmd64, mkfile, scratch, type Definition } from "go-frontend/llb";
     import { runFrontend, singleResult, type GatewayClient } from "go-frontend/gateway";
     const definition: Definition = scratch().file(mkfile("/hello", ${mode}, "hello")).marshal(linuxAmd64);
     export const build = async (client: GatewayClient) =>
       singleResult((await client.solve({ definition })).ref, {});
     export const start = () => runFrontend(build);`;
  const compilerOptions = {
    module: "nodenext",
    strict: true,
    noEmit: true,
    target: "es2024",
    types: ["node"],
  };
  writeFileSync(join(work, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.ts"] }));
  const tsc = join(repository, "node_modules", "typescript", "bin", "tsc");
  writeFileSync(join(work, "use.ts"), use("0o644"));
  run(process.execPath, [tsc, "-p", "."], work);
  writeFileSync(join(work, "use.ts"), use(`"0644"`));
  const wrong = spawnSync(process.execPath, [tsc, "-p", "."], { cwd: work, encoding: "utf8" });
  expect(wrong.stdout).toMatch(/^use\.ts\(3,\d+\): error TS2345/);
}, 120_000);

test("the transport by grpc-js has an entry of its own, and nobody else needs that package", () => {
  const connect = `
    import { PassThrough } from "node:stream";
    import { createGrpcJsTransport } from "go-frontend/gateway/grpc-js";
    import { RpcError } from "go-frontend/gateway";
    const transport = createGrpcJsTransport({ input: new PassThrough(), output: new PassThrough() });
    const call = transport.unary("/a/B", new Uint8Array(0));
    transport.destroy();
    call.catch((error) => console.log(error instanceof RpcError));`;
  writeFileSync(join(work, "connect.js"), connect);
  const without = spawnSync(process.execPath, ["connect.js"], {
    cwd: work,
    encoding: "utf8",
    timeout: 20_000,
  });
  expect(without.stderr).toContain("Cannot find package '@grpc/grpc-js'");
  symlinkSync(join(repository, "node_modules", "@grpc"), join(work, "node_modules", "@grpc"));
  expect(run(process.execPath, ["connect.js"], work)).toBe("true\n");
});

test("the command is one executable file", () => {
  const cli = join(installed, "dist", "cli.js");
  expect(statSync(cli).mode & 0o111).toBe(0o111);
  expect(readFileSync(cli, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  const plan = run(process.execPath, [cli, "plan", join(repository, "examples", "hello")], work);
  expect(JSON.parse(plan)).toHaveProperty("module.path", "example.com/hello");
});
