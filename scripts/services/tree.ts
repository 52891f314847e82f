import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, copyWritable, type Log, runCommand } from "../../rig/index.ts";
import { examplesFolder } from "./example.ts";
import type { LaidModule, Service } from "./service.ts";

/**
 * Lays the source of a service: the zips of its modules as the module proxy has them, each in its folder, and the files of
 * its example over them.
 *
 * @returns the folder, which is made anew at each call
 * @throws Error with the go command's words when a module cannot be fetched
 */
export async function layTree(service: Service, log: Log): Promise<string> {
  const tree = join(cacheFolder(), "services", service.name);
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  for (const module of service.modules) {
    log(`${module.path}@${module.version} from the module proxy, in ${module.folder}`);
    copyWritable(await fetchModule(module), join(tree, module.folder));
  }
  cpSync(join(examplesFolder, service.name), tree, { recursive: true });
  if (service.vendored !== undefined) {
    log("go mod vendor");
    await runCommand("go", ["mod", "vendor"], { cwd: tree, env: goEnvironment() });
  }
  return tree;
}

/** Neither the user's flags nor a workspace around the folder; a newer go command where a module asks for one. */
const goEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  GOFLAGS: "",
  GOWORK: "off",
  GOTOOLCHAIN: "auto",
});

async function fetchModule({ path, version }: LaidModule): Promise<string> {
  const { stdout } = await runCommand("go", ["mod", "download", "-json", `${path}@${version}`], {
    cwd: "/",
    env: goEnvironment(),
  });
  const { Dir } = JSON.parse(stdout) as { readonly Dir?: string };
  if (Dir === undefined) throw new Error(`the go command named no folder for ${path}@${version}`);
  return Dir;
}
