// Which build contexts are git repositories (moby/buildkit:frontend/dockerfile/dfgitutil/git_ref.go).
import { describe, expect, test } from "vitest";
import { parseGitContext } from "../../../src/frontend/context/git-url.ts";

const plain = {
  kind: "git",
  ref: "",
  subdir: "",
  checksum: "",
  keepGitDir: undefined,
  submodules: true,
  mtime: undefined,
  fetchByCommit: false,
};

describe("is a repository", () => {
  test.each([
    ["https://git.example/shop.git", "https://git.example/shop.git", "", ""],
    ["http://git.example/shop.git", "http://git.example/shop.git", "", ""],
    ["https://git.example/shop.git#v1.2", "https://git.example/shop.git", "v1.2", ""],
    ["https://git.example/shop.git#v1%2B2", "https://git.example/shop.git", "v1+2", ""],
    [
      "https://git.example/shop.git#main:services/orders",
      "https://git.example/shop.git",
      "main",
      "services/orders",
    ],
    [
      "https://git.example/shop.git#:/services/./orders/",
      "https://git.example/shop.git",
      "",
      "services/orders",
    ],
    ["https://user:token@git.example/shop.git", "https://user:token@git.example/shop.git", "", ""],
    ["https://git.example:8443/shop.git", "https://git.example:8443/shop.git", "", ""],
    ["git://git.example/shop", "git://git.example/shop", "", ""],
    ["ssh://git@git.example:2222/shop", "ssh://git@git.example:2222/shop", "", ""],
    ["git@git.example:shop.git", "git@git.example:shop.git", "", ""],
    ["git@git.example:team/shop#main", "git@git.example:team/shop", "main", ""],
    ["deploy_user-1@git.example:shop", "deploy_user-1@git.example:shop", "", ""],
    ["github.com/org/shop", "https://github.com/org/shop", "", ""],
    ["github.com/org/shop#v1", "https://github.com/org/shop", "v1", ""],
  ])("%s", (context, url, ref, subdir) => {
    expect(parseGitContext(context)).toEqual({ ...plain, url, ref, subdir });
  });
});

describe("a repository with a query", () => {
  test.each([
    ["?branch=main&subdir=svc", { ref: "refs/heads/main", subdir: "svc" }],
    ["?branch=refs/heads/main", { ref: "refs/heads/main" }],
    ["?tag=v1.2", { ref: "refs/tags/v1.2" }],
    ["?ref=v1.2&subdir=a%2Fb", { ref: "v1.2", subdir: "a/b" }],
    ["?ref=v1#v1:svc", { ref: "v1", subdir: "svc" }],
    ["?tag=v1&commit=abc", { ref: "refs/tags/v1", checksum: "abc" }],
    ["?checksum=abc", { checksum: "abc" }],
    ["?keep-git-dir", { keepGitDir: true }],
    ["?keep-git-dir=0&submodules=false", { keepGitDir: false, submodules: false }],
    ["?submodules", {}],
    ["?mtime=commit&fetch-by-commit=1", { mtime: "commit", fetchByCommit: true }],
    ["?", {}],
  ] as const)("%s", (query, expected) => {
    for (const url of ["https://git.example/shop.git", "git@git.example:shop", "ssh://git.example/shop"]) {
      expect(parseGitContext(`${url}${query}`)).toEqual({ ...plain, url, ...expected });
    }
  });

  test.each([
    ["?brnch=main", 'unknown key "brnch"'],
    ["?branch=", "branch has no value"],
    ["?ref=a&ref=a", "ref stands twice"],
    ["?tag=v1&branch=main", "several values for ref: refs/tags/v1, refs/heads/main"],
    ["?ref=v2#v1", "several values for ref: v1, v2"],
    ["?subdir=b#:a", "several values for subdir: a, b"],
    ["?commit=a&checksum=b", "several values for commit: b, a"],
    ["?mtime=now", "mtime is checkout or commit, not now"],
    ["?keep-git-dir=maybe", "keep-git-dir is true or false, not maybe"],
  ])("%s is refused", (query, problem) => {
    expect(parseGitContext(`https://git.example/shop.git${query}`)).toEqual({ kind: "bad", problem });
  });
});

describe("is something else", () => {
  test.each([
    ".",
    "",
    "./git.example/shop.git",
    "../shop.git",
    "./github.com/org/shop",
    "https://git.example/shop.tar.gz",
    "https://git.example/shop.git/archive.tgz",
    "https://git.example/service.yaml#x.git",
    "http://buildkit-session/0123456789",
    "https://",
    "https://[broken/shop.git",
    "ftp://git.example/shop.git",
    "docker-image://alpine",
    "gitlab.com/org/shop",
    "user@host",
    "a/b@host:path",
    // BuildKit takes no dot in the user's name (moby/buildkit:util/sshutil/scpurl.go).
    "deploy.user@git.example:shop",
    "C:\\work\\shop.git",
  ])("%j", (context) => {
    expect(parseGitContext(context)).toBeUndefined();
  });
});
