// Directories that the client hands in beside the build context, `--build-context NAME=…`: a folder, a git repository, an
// archive, or what another target of bake leaves.
import { ignoreProblems, parseIgnoreFile } from "../../facts/index.ts";
import type { GatewayClient } from "../../gateway/index.ts";
import type { Inputs } from "../../graph/index.ts";
import type { ContextStep, NamedContexts } from "../../plan/index.ts";
import { diagnosticError } from "../../description/index.ts";
import { archiveContext } from "./archive.ts";
import { namedFolder, type OpenFolder } from "./client-folder.ts";
import { gitState } from "./git-source.ts";
import { importState } from "./import-state.ts";
import { copiedFiles } from "./remote-context.ts";
import { remoteTree } from "./remote-tree.ts";
import type { SolveState } from "./solve-state.ts";

/** Named contexts as planning reads them, and as steps get them. */
export interface OpenContexts extends NamedContexts {
  /** Of a step that names one which was opened. */
  readonly files: Inputs["context"];
  /** As of the build context. */
  readonly lookAt: (steps: readonly ContextStep[]) => Promise<void>;
}

/** How the option of a named context begins. */
const OPTION = "context:";

/** The named contexts of a client; nothing of one is read before it is opened. */
export function namedContexts(client: GatewayClient, solve: SolveState): OpenContexts {
  const values = new Map(
    [...client.buildOpts.opts].flatMap(([key, value]) => {
      const name = key.slice(OPTION.length);
      return key.startsWith(OPTION) && isName(name) && holdsFiles(value) ? [[name, value] as const] : [];
    }),
  );
  const opened = new Map<string, Opened>();
  const opening = new Map<string, Promise<Opened>>();
  const open = async (name: string): Promise<Opened> => {
    const context = await openContext(client, solve, name, values.get(name) ?? "");
    opened.set(name, context);
    return context;
  };
  const ofStep = ({ named }: ContextStep): Opened => {
    const context = opened.get(named?.name ?? "");
    if (context === undefined) throw new Error(`the context ${named?.name ?? ""} was not opened`);
    return context;
  };
  return {
    names: [...values.keys()],
    open: (name) => {
      const found = opening.get(name) ?? open(name);
      opening.set(name, found);
      return found;
    },
    files: (step) => ofStep(step).files(step),
    lookAt: async (steps) => {
      const byName = Map.groupBy(
        steps.filter(({ named }) => named !== undefined),
        ofStep,
      );
      await Promise.all([...byName].map(([context, asked]) => context.lookAt(asked)));
    },
  };
}

/** One that can be an element of a path; clients write names as names of images are written. */
const isName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(name);

const holdsFiles = (value: string): boolean => !/^(?:docker-image|oci-layout):/.test(value);

type Opened = OpenFolder & Pick<Awaited<ReturnType<NamedContexts["open"]>>, "rules">;

async function openContext(
  client: GatewayClient,
  solve: SolveState,
  name: string,
  value: string,
): Promise<Opened> {
  if (value.startsWith("local:")) return openFolder(client, solve, value.slice("local:".length));
  const state = await fetched(client, solve, name, value);
  const reference = await solve(state);
  return {
    tree: remoteTree(reference),
    rules: { kind: "fetched" },
    files: copiedFiles(state),
    lookAt: () => Promise.resolve(),
  };
}

async function fetched(
  client: GatewayClient,
  solve: SolveState,
  name: string,
  value: string,
): Promise<Parameters<typeof copiedFiles>[0]> {
  const repository = gitState(value, client.buildOpts.opts);
  if (repository !== undefined) return repository.state;
  if (value.startsWith("input:")) {
    const definition = (await client.inputs()).get(value.slice("input:".length));
    if (definition !== undefined) return importState(definition);
  }
  if (/^https?:\/\//.test(value)) {
    const archive = await archiveContext(solve, value);
    if (archive.entry === undefined) return archive.state;
  }
  throw new Error(`the named context ${name} holds no files of a source tree`);
}

async function openFolder(client: GatewayClient, solve: SolveState, name: string): Promise<Opened> {
  const folder = namedFolder(client, solve, name);
  const root = await folder.readRoot();
  // Its own ignore file holds for it (moby/buildkit:frontend/dockerui/namedcontext.go).
  const ignored = parseIgnoreFile(root.ignore ?? "", `${name}/.dockerignore`);
  const problems = ignoreProblems(ignored);
  if (problems.length > 0) throw diagnosticError(problems);
  const ignore = ignored.map(({ pattern }) => pattern);
  return { ...folder.open(ignore, root.listing), rules: { kind: "sent", ignore } };
}
