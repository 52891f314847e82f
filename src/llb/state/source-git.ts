// Git repositories (moby/buildkit:client/llb/source.go, Git).
import { emptyConstraints, type HasConstraints } from "../graph/constraints.ts";
import { namesProtocol, parseGitURL } from "../names/git-url.ts";
import { join } from "../names/path.ts";
import { finishSource, sourceDraft, type Fault } from "./source.ts";
import type { State } from "./state.ts";

/** The names of the secrets that git sources look for when nothing else is said. */
export const gitAuthHeaderKey = "GIT_AUTH_HEADER";
export const gitAuthTokenKey = "GIT_AUTH_TOKEN";

/** What git options fill in. */
export interface GitInfo extends HasConstraints {
  keepGitDir: boolean;
  authTokenSecret: string;
  authHeaderSecret: string;
  authExplicit: boolean;
  knownSSHHosts: string;
  mountSSHSock: string;
  gitChecksum: string;
  gitRef: string;
  gitSubDir: string;
  skipSubmodules: boolean;
  mtime: string;
  advice: boolean;
  bundle: string;
  bundleSessionID: string;
  bundleStoreID: string;
  checkoutBundle: boolean;
  fetchByCommit: boolean;
}

/** An option of git. Constraint options are git options too. */
export type GitOption = (info: GitInfo) => void;

const setGit =
  (change: Partial<GitInfo>): GitOption =>
  (info) => {
    Object.assign(info, change);
  };

/** A branch, tag or commit. */
export const gitRef = (ref: string): GitOption => setGit({ gitRef: ref });
/** Only this directory of the repository. */
export const gitSubDir = (path: string): GitOption => setGit({ gitSubDir: path });
/** Keeps `.git`. */
export const keepGitDir: GitOption = setGit({ keepGitDir: true });
/** The secret with a token; default GIT_AUTH_TOKEN. */
export const authTokenSecret = (secretName: string): GitOption =>
  setGit({ authTokenSecret: secretName, authExplicit: true });
/** A line of known_hosts; several calls add up. Nothing is scanned when there is none. */
export const knownSSHHosts =
  (line: string): GitOption =>
  (info) => {
    info.knownSSHHosts += `${line.endsWith("\n") ? line.slice(0, -1) : line}\n`;
  };
/** The id of the ssh agent to use; default `default`. */
export const mountSSHSock = (sshID: string): GitOption => setGit({ mountSSHSock: sshID });
/** The commit that the ref must be. */
export const gitChecksum = (commit: string): GitOption => setGit({ gitChecksum: commit });
export const gitSkipSubmodules: GitOption = setGit({ skipSubmodules: true });
/** Where modification times come from. */
export const gitMTime = (policy: "checkout" | "commit"): GitOption => setGit({ mtime: policy });
/** Modification times are the commit's. */
export const gitMTimeCommit: GitOption = gitMTime("commit");
/** Whether git may print advice on what it fetches. */
export const gitAdvice = (enabled: boolean): GitOption => setGit({ advice: enabled });
/** Fetches the commit of gitChecksum without asking the remote what the ref is. */
export const gitFetchByCommit: GitOption = setGit({ fetchByCommit: true });
/** Yields one file, `bundle`, instead of a work tree. */
export const gitCheckoutBundle: GitOption = setGit({ checkoutBundle: true });

export type GitBundleOption = (info: { bundleSessionID: string; bundleStoreID: string }) => void;

/** The session and the store of an `oci-layout+blob://` bundle. */
export const gitBundleOCIStore =
  (sessionID: string, storeID: string): GitBundleOption =>
  (info) => {
    info.bundleSessionID = sessionID;
    info.bundleStoreID = storeID;
  };

/** Takes the history from a bundle, `docker-image+blob://…` or `oci-layout+blob://…`; needs gitChecksum. */
export function gitBundleURL(locator: string, ...options: readonly GitBundleOption[]): GitOption {
  const bundle = { bundleSessionID: "", bundleStoreID: "" };
  for (const option of options) option(bundle);
  return setGit({ bundle: locator, ...bundle });
}

/**
 * A repository at a ref.
 *
 * @param url http, https, ssh, git or `user@host:path`; without a scheme https.
 * @param fragment `ref[:subdir]` as after the # of a Docker git URL; usually empty, with gitRef and gitSubDir.
 */
export function git(url: string, fragment: string, ...options: readonly GitOption[]): State {
  const info: GitInfo = {
    constraints: emptyConstraints,
    keepGitDir: false,
    authTokenSecret: gitAuthTokenKey,
    authHeaderSecret: gitAuthHeaderKey,
    authExplicit: false,
    knownSSHHosts: "",
    mountSSHSock: "",
    gitChecksum: "",
    ...parseFragment(fragment),
    skipSubmodules: false,
    mtime: "",
    advice: false,
    bundle: "",
    bundleSessionID: "",
    bundleStoreID: "",
    checkoutBundle: false,
    fetchByCommit: false,
  };
  for (const option of options) option(info);

  const remote = parseGitURL(namesProtocol(url) ? url : `https://${url}`);
  if (!remote.ok) {
    const message = `${JSON.stringify(url)} is not a git remote: ${remote.problem}`;
    return finishSource(`git://${url}`, sourceDraft("source.git"), info.constraints, { option: "", message });
  }
  // The scheme stays out, so that https and ssh give one identity.
  const at = info.gitRef === "" && info.gitSubDir === "" ? "" : `#${info.gitRef}`;
  const sub = info.gitSubDir === "" ? "" : `:${info.gitSubDir}`;
  const { host, path, scheme } = remote.value;
  const identifier = `git://${host}${join("/", path)}${at}${sub}`;

  const draft = sourceDraft("source.git");
  const flag = (on: boolean): string => (on ? "true" : "");
  const auth = info.authExplicit ? "source.git.httpauth" : undefined;
  if (info.gitSubDir !== "") draft.gates.add("source.git.subdir");
  draft.set("git.keepgitdir", flag(info.keepGitDir), "source.git.keepgitdir");
  draft.set("git.fullurl", remote.value.remote, "source.git.fullurl");
  draft.set("git.authtokensecret", info.authTokenSecret, auth);
  draft.set("git.authheadersecret", info.authHeaderSecret, auth);
  if (scheme === "ssh") {
    draft.set("git.knownsshhosts", info.knownSSHHosts);
    draft.set(
      "git.mountsshsock",
      info.mountSSHSock === "" ? "default" : info.mountSSHSock,
      "source.git.mountsshsock",
    );
    draft.caps.add("source.git.knownsshhosts");
  }
  draft.set("git.checksum", info.gitChecksum, "source.git.checksum");
  draft.set("git.skipsubmodules", flag(info.skipSubmodules), "source.git.skipsubmodules");
  draft.set("git.mtime", info.mtime, "source.git.mtime");
  draft.set("git.advice", flag(info.advice));
  draft.set("git.fetchbycommit", flag(info.fetchByCommit), "source.git.fetchbycommit");
  draft.set("git.bundle", info.bundle, "source.git.bundle");
  draft.set("oci.session", info.bundleSessionID);
  draft.set("oci.store", info.bundleStoreID);
  draft.set("git.checkoutbundle", flag(info.checkoutBundle), "source.git.checkoutbundle");
  return finishSource(identifier, draft, info.constraints, gitFault(info));
}

function parseFragment(fragment: string): { gitRef: string; gitSubDir: string } {
  const colon = fragment.indexOf(":");
  if (colon < 0) return { gitRef: fragment, gitSubDir: "" };
  return { gitRef: fragment.slice(0, colon), gitSubDir: join("/", fragment.slice(colon + 1)).slice(1) };
}

/** What the daemon refuses (moby/buildkit:source/git/identifier.go). */
function gitFault(info: GitInfo): Fault {
  if (info.bundle !== "" && info.gitChecksum === "") {
    return { option: "gitBundleURL", message: "needs gitChecksum" };
  }
  if (info.checkoutBundle && (info.keepGitDir || info.gitSubDir !== "")) {
    return { option: "gitCheckoutBundle", message: "excludes keepGitDir and gitSubDir" };
  }
  return undefined;
}
