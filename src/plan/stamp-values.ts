// Variables that say what is built, like `git.commit`; and in words, why one of them has no value.
import type { ServiceDescription } from "../description/index.ts";
import { chosenTag } from "../facts/index.ts";
import type { CommitSource, KnownCommit } from "./commit.ts";
import type { Stamp } from "./inspected.ts";
import { rfc3339 } from "./rfc3339.ts";
import type { BuildRequest } from "./types.ts";

/** Variables of the commit and of the build: their values, or why nobody knows them. */
export function commitValues(
  learned: KnownCommit,
  policy: ServiceDescription["build"]["dirty"],
  request: BuildRequest,
  source: CommitSource,
): Readonly<Record<string, Stamp>> {
  const { commit, time, dirty } = learned;
  const short = commit?.slice(0, 7);
  const value = (text: string | undefined, missing: () => Missing): Stamp =>
    text === undefined ? { known: false, ...missing() } : { known: true, value: text };
  const noCommit = (): Missing => source.absent ?? NO_COMMIT;
  const missing = (what: string, name: string) => (): Missing =>
    commit === undefined ? noCommit() : notRead(what, name, learned, source);
  const suffix = dirty === true && policy === "mark" ? "-dirty" : "";
  const described = describedOf(learned, short);
  return {
    "git.commit": value(commit, noCommit),
    "git.short": value(short, noCommit),
    "git.time": value(
      time === undefined ? undefined : rfc3339(time),
      missing("when it was committed", "git.time"),
    ),
    "git.tag": value(tagOf(learned), () =>
      learned.tags === undefined ? missing("its tags", "git.tag")() : NO_TAG,
    ),
    "git.describe": value(
      described === undefined ? undefined : `${described}${suffix}`,
      missing("its tags", "git.describe"),
    ),
    "git.dirty": value(dirty?.toString(), missing("whether the tree differs from it", "git.dirty")),
    "git.source": value(learned.source, () => NO_SOURCE),
    "build.time": value(request.epoch === undefined ? undefined : rfc3339(request.epoch), () => NO_EPOCH),
  };
}

interface Missing {
  readonly why: string;
  readonly help: string;
}

const NO_COMMIT: Missing = {
  why: "nobody tells which commit is built",
  help: "build with docker buildx in a git work tree, or from a git repository; for one build pass the value: `args: { commit: unknown }` and `--build-arg commit=…`",
};

const NO_SOURCE: Missing = {
  why: "the client tells no URL of the repository",
  help: "build with docker buildx in a clone that has a remote `origin`, or from a git repository",
};

const NO_TAG: Missing = {
  why: "the commit has no tag",
  help: "write `${git.describe}`, which is the tag where there is one, else the nearest tag before it and the commit",
};

const NO_EPOCH: Missing = {
  why: "the client gives no SOURCE_DATE_EPOCH",
  help: "set it for the build, like SOURCE_DATE_EPOCH=$(git log -1 --format=%ct), or write `${git.time}`, the time of the commit",
};

/** Why something of a known commit is not known. */
function notRead(
  what: string,
  name: string,
  { unreadPacks, borrows, saidDirty }: KnownCommit,
  source: CommitSource,
): Missing {
  const argument = name.slice("git.".length);
  const pass = `pass the value: \`args: { ${argument}: unknown }\` and \`--build-arg ${argument}=…\``;
  if (source.repository === undefined) {
    const said =
      saidDirty === true && name === "git.dirty" ? " (docker buildx counts files that git ignores)" : "";
    const { why, help } = source.absent ?? { why: "the builder tells the commit alone", help: pass };
    return { why: `the commit is known, but not ${what}${said}: ${why}`, help };
  }
  if (unreadPacks !== undefined) {
    return {
      why: `the repository's packs have ${Math.ceil(unreadPacks / 2 ** 20)} MiB, and ${what} may lie in them`,
      help: pass,
    };
  }
  if (borrows === true) {
    return {
      why: `the repository borrows objects from another one (.git/objects/info/alternates), and ${what} lies there`,
      help: `run \`git repack -a -d\` and remove that file, clone without --shared and --reference, or ${pass}`,
    };
  }
  return { why: `the repository in the build context does not tell ${what}`, help: pass };
}

function tagOf({ tags, tag }: KnownCommit): string | undefined {
  return tags === undefined ? tag : chosenTag(tags);
}

function describedOf({ described, tag, tags }: KnownCommit, short: string | undefined): string | undefined {
  if (described === undefined) return tags === undefined ? tag : undefined;
  if (described === "none") return short;
  return described.commits === 0 ? described.tag : `${described.tag}-${described.commits}-g${short ?? ""}`;
}
