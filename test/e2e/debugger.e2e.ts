// The debugger of `--target NAME.debug` in a container whose service runs, as `docker exec` starts it there.
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { caSecret, type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { type Container, execIn, type InContainer, withServer } from "./support/container.ts";
import { project, SERVER } from "./support/project.ts";
import { succeeded } from "./support/run.ts";

const rig = inject("rig");
const work = scratchDir();
let clients: Clients;

beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(work.remove);

/** The line of {@link SERVER} that answers a request. */
const line = SERVER["main.go"].split("\n").findIndex((text) => text.includes("HandleFunc")) + 1;

/** Stops the service, process 1, at a line, reads a variable, and lets it go on: what the debugger said. */
async function stopped(container: Container, url: string, options: InContainer): Promise<string> {
  const debugging = execIn(
    container,
    ["/debug/dlv", "attach", "--allow-non-terminal-interactive=true", "1"],
    { ...options, input: `break main.go:${line}\ncontinue\nprint len(os.Args)\nclearall\nquit\nn\n` },
  );
  let isDone = false;
  const asking = (async () => {
    while (!isDone) await fetch(url).then((answer) => answer.text());
  })();
  const { stdout } = await succeeded(debugging).finally(() => (isDone = true));
  await asking;
  return stripVTControlCharacters(stdout);
}

test("dlv attach stops a service at a line, and lets it go on", { timeout: 900_000 }, async () => {
  const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}\n`;
  const dir = project(work.path, { ...SERVER, "service.yaml": syntax });
  const reference = `${rig.registry}/debugged:latest`;
  await succeeded(
    clients.buildx([
      "build",
      ...caSecret(),
      "--file",
      join(dir, "service.yaml"),
      "--target=debug",
      `--output=type=image,name=${reference},push=true`,
      dir,
    ]),
  );
  // What Docker lets root do in a container, and --cap-add=SYS_PTRACE, as far as the debugger takes it.
  const capabilities = ["CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE", "CAP_KILL"];
  // As the service's own user, and as docs/building.md says where the kernel lets nobody else in.
  const users: readonly InContainer[] = [{}, { user: "0:0", capabilities }];
  const use = async (url: string, container: Container): Promise<void> => {
    for (const options of users) {
      const said = await stopped(container, url, options);
      // The debugger shortens a path by its working directory, which is / here, so a slash is a dot.
      expect(said).toMatch(
        new RegExp(`> \\[Breakpoint 1\\] main\\.main\\.func1\\(\\) example\\.com.hello/main\\.go:${line} `),
      );
      expect(said).toMatch(/^\(dlv\) 1$/m);
      expect(await (await fetch(url)).text()).toMatch(/^hello 65532/);
    }
  };
  await withServer(clients.crane, reference, work.path, use, { capabilities });
});
