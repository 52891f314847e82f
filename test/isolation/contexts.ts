// The ways in which a project's files reach a builder, and the module proxy beside them; all on the loopback interface.
import {
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { dirname, join } from "node:path";
import { tarBlocks, type TarEntry } from "../../rig/index.ts";
import { serveGit, type GitServer } from "../e2e/support/git.ts";
import { run, succeeded } from "../e2e/support/run.ts";
import { proxyFiles } from "../support/module-proxy.ts";
import { type Files, modulesOf } from "./modules.ts";
import type { Names, Project } from "./project.ts";
import type { Step } from "./sequence.ts";
import { listen } from "../support/listen.ts";

/** What a project is in a folder. */
export interface Tree {
  readonly files: Files;
  /** Symbolic links: path and target. */
  readonly links: Files;
}

export interface Contexts {
  /** Lays a tenant's files out and gives the arguments that hand them to buildctl. */
  readonly hand: (tenant: string, tree: Tree, context: Step["context"]) => Promise<readonly string[]>;
  /** The GOPROXY of a project. */
  readonly proxyOf: (project: Project, names: Names) => string;
  readonly close: () => Promise<void>;
}

/** @param work a folder of the caller's */
export async function startContexts(work: string): Promise<Contexts> {
  const repositories = join(work, "git");
  mkdirSync(repositories, { recursive: true });
  const git = await serveGit(repositories);
  const archives = new Map<string, Uint8Array>();
  const web = await serveWeb(archives);
  return {
    hand: async (tenant, tree, context) => {
      switch (context) {
        case "folder":
        case "unpacked": {
          const folder = join(work, "folders", tenant);
          layOut(folder, tree);
          if (context === "unpacked") giveOneTime(folder);
          return [`--local=context=${folder}`, `--local=dockerfile=${folder}`];
        }
        case "git":
          return [`--opt=context=${await commit(git, repositories, tenant, tree)}`];
        case "archive":
          archives.set(tenant, archiveOf(tree));
          return [`--opt=context=${web.url}/archives/${tenant}.tar`];
      }
    },
    proxyOf: ({ foreign, libHeader }, { domain }) =>
      `${web.url}/modules/${foreign ? libHeader : "all"}/${domain}/proxy`,
    close: async () => {
      await Promise.all([git.close(), web.close()]);
    },
  };
}

/**
 * Makes a folder hold these files and no others. A file that has its content already is left as it is, with its time, as
 * an editor leaves the files that nobody edits; one that is written has the time at which it is written.
 */
function layOut(folder: string, { files, links }: Tree): void {
  mkdirSync(folder, { recursive: true });
  const known = new Set(
    [...Object.keys(files), ...Object.keys(links)].flatMap((path) => [path, ...foldersAbove(path)]),
  );
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (path !== ".git" && !path.startsWith(".git/") && !known.has(path)) {
      rmSync(join(folder, path), { recursive: true, force: true });
    }
  }
  for (const [path, text] of Object.entries(files)) {
    const full = join(folder, path);
    if (linkTarget(full) !== undefined) rmSync(full);
    if (existsSync(full) && readFileSync(full, "utf8") === text) continue;
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
  for (const [path, target] of Object.entries(links)) {
    const full = join(folder, path);
    if (linkTarget(full) === target) continue;
    rmSync(full, { force: true });
    mkdirSync(dirname(full), { recursive: true });
    symlinkSync(target, full);
  }
}

/** What programs do that unpack an archive, or clamp times to that of a commit. */
function giveOneTime(folder: string): void {
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    lutimesSync(join(folder, path), 1_600_000_000, 1_600_000_000);
  }
}

function linkTarget(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
    ? readlinkSync(path)
    : undefined;
}

function foldersAbove(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === "." ? [] : [...foldersAbove(folder), folder];
}

/** Commits the files on the branch main of the tenant's repository and gives its URL. All commits have one time. */
async function commit(server: GitServer, root: string, tenant: string, tree: Tree): Promise<string> {
  const folder = join(root, tenant);
  const time = "2020-01-02T03:04:05Z";
  const env = {
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_AUTHOR_NAME: "tenant",
    GIT_AUTHOR_EMAIL: "tenant@example.test",
    GIT_AUTHOR_DATE: time,
    GIT_COMMITTER_NAME: "tenant",
    GIT_COMMITTER_EMAIL: "tenant@example.test",
    GIT_COMMITTER_DATE: time,
  };
  const does = async (...args: readonly string[]): Promise<unknown> =>
    succeeded(run("git", args, { cwd: folder, env }));
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    await does("init", "--quiet", "--initial-branch=main");
  }
  layOut(folder, tree);
  await does("add", "--all");
  await does("commit", "--quiet", "--allow-empty", "--message=Next");
  return `${server.url}/${tenant}/.git#main`;
}

function archiveOf({ files, links }: Tree): Uint8Array {
  const folders = new Set([...Object.keys(files), ...Object.keys(links)].flatMap(foldersAbove));
  const entries: readonly TarEntry[] = [
    ...[...folders].toSorted().map((path): TarEntry => ({ type: "directory", path, mode: 0o755 })),
    ...Object.entries(files).map(([path, text]): TarEntry => ({
      type: "file",
      path,
      mode: 0o644,
      content: Buffer.from(text),
    })),
    ...Object.entries(links).map(([path, target]): TarEntry => ({
      type: "symlink",
      path,
      mode: 0o777,
      target,
    })),
  ];
  return Buffer.concat([...tarBlocks(entries)]);
}

/** Answers `/archives/TENANT.tar`, and `/modules/HEADER/DOMAIN/proxy/…` as a module proxy. */
async function serveWeb(
  archives: ReadonlyMap<string, Uint8Array>,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const proxies = new Map<string, ReadonlyMap<string, Uint8Array>>();
  const moduleFile = (header: string, domain: string, path: string): Uint8Array | undefined => {
    const key = `${header} ${domain}`;
    const files =
      proxies.get(key) ??
      proxyFiles(modulesOf({ domain }, { foreign: header !== "all", libHeader: Number(header) }));
    proxies.set(key, files);
    return files.get(path);
  };
  const answer = (url: string): Uint8Array | undefined => {
    const [, tenant] = /^\/archives\/(.+)\.tar$/.exec(url) ?? [];
    if (tenant !== undefined) return archives.get(tenant);
    const [, header = "", domain = "", path = ""] = /^\/modules\/(\w+)\/(.+)\/proxy\/(.*)$/.exec(url) ?? [];
    return domain === "" ? undefined : moduleFile(header, domain, path);
  };
  const server: Server = createServer((request, response) => {
    const found = answer(decodeURIComponent(request.url ?? ""));
    if (found === undefined) response.writeHead(404).end("not found\n");
    else response.writeHead(200).end(found);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
