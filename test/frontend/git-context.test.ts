// Which build contexts are git repositories (moby/buildkit:frontend/dockerfile/dfgitutil/git_ref.go).
import { describe, expect, test } from "vitest";
import { parseGitContext } from "../../src/frontend/git-context.ts";

describe("is a repository", () => {
  test.each([
    ["https://git.example/shop.git", "https://git.example/shop.git", ""],
    ["http://git.example/shop.git", "http://git.example/shop.git", ""],
    ["https://git.example/shop.git#v1.2", "https://git.example/shop.git", "v1.2"],
    [
      "https://git.example/shop.git#main:services/orders",
      "https://git.example/shop.git",
      "main:services/orders",
    ],
    ["https://git.example/shop.git#:services/orders", "https://git.example/shop.git", ":services/orders"],
    ["https://user:token@git.example/shop.git", "https://user:token@git.example/shop.git", ""],
    ["https://git.example:8443/shop.git", "https://git.example:8443/shop.git", ""],
    ["git://git.example/shop", "git://git.example/shop", ""],
    ["ssh://git@git.example:2222/shop", "ssh://git@git.example:2222/shop", ""],
    ["git@git.example:shop.git", "git@git.example:shop.git", ""],
    ["git@git.example:team/shop#main", "git@git.example:team/shop", "main"],
    ["deploy_user.1@git.example:shop", "deploy_user.1@git.example:shop", ""],
    ["github.com/org/shop", "https://github.com/org/shop", ""],
    ["github.com/org/shop#v1", "https://github.com/org/shop", "v1"],
  ])("%s", (context, url, fragment) => {
    expect(parseGitContext(context)).toEqual({ url, fragment });
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
    "C:\\work\\shop.git",
  ])("%j", (context) => {
    expect(parseGitContext(context)).toBeUndefined();
  });
});
