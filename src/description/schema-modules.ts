import * as z from "zod/mini";
import * as moduleRules from "./module-values.ts";
import { document, fewEnough, key, list, obey, read, text } from "./schema-keys.ts";
import { portNumber } from "./values.ts";

export const hostAuth = z.strictObject({
  token: key(text(moduleRules.secretId), {
    description: "The id of a secret that holds an access token; it is used as the password over https.",
    words: "the id of a secret",
    example: "token: github-token",
    fallback: "none",
  }),
  ssh: key(text(moduleRules.secretId), {
    description:
      "The id of a forwarded ssh agent, usually `default`; the host is then reached over ssh instead of https.",
    words: "the id of an ssh agent",
    example: "ssh: default",
    fallback: "none",
  }),
  user: key(text(moduleRules.loginName), {
    description: "The user to log in as.",
    words: "a user name",
    example: "user: x-access-token",
    fallback: "`oauth2` with `token`, `git` with `ssh`",
  }),
  port: key(read(z.number(), portNumber), {
    description: "The port of the ssh server.",
    words: "a number",
    example: "port: 2222",
    fallback: "22",
  }),
  knownHosts: key(list(text(moduleRules.knownHostsLine), 32), {
    description:
      "The keys that the ssh server may have, as lines of a known_hosts file. `ssh` requires them: a server that is not pinned is never trusted.",
    words: "a list of known_hosts lines",
    example:
      'knownHosts: ["git.acme.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfAHCZ3U0CGdVHVBcL5pyOAnPLBMMe1Pz0Oa2zNx3W"]',
    fallback: "none",
  }),
});
document(hostAuth, {
  description:
    "How to log in to a host: with `token` or with `ssh`. Only the step that downloads modules sees the login.",
  words: "a map with token or ssh",
  example: "github.com: { token: github-token }",
  fallback: "no login",
});

const netrc = key(text(moduleRules.secretId), {
  description: "The id of a secret that holds a netrc file, for all the hosts in it.",
  words: "the id of a secret",
  example: "netrc: netrc",
  fallback: "none",
});

const many = fewEnough(256, "modules", "write the change into go.mod where it is as large");

const edit = z.strictObject({
  require: key(
    z
      .record(z.string().check(obey(moduleRules.modulePath)), text(moduleRules.requiredVersion))
      .check(obey(many)),
    {
      description:
        "Versions that go.mod requires, by module path; `none` leaves a module out. go.mod has to be complete afterwards, as `go get` leaves it: what a new version itself requires in a newer version is named, too.",
      words: "a map of module paths to versions",
      example: "require: { golang.org/x/net: v0.38.0 }",
      fallback: "none",
    },
  ),
  replace: key(
    z
      .record(z.string().check(obey(moduleRules.replacedModule)), text(moduleRules.replacement))
      .check(obey(many)),
    {
      description:
        "What replaces a module, by `PATH` or `PATH@VERSION`: another module as `PATH@VERSION`; a directory, which begins with `./` or `../` and is relative to the go.mod; `context:NAME`, a directory that the client hands in with `--build-context NAME=…`; or `none`, for no replacement.",
      words: "a map of modules to what replaces them",
      example: "replace: { example.com/lib: context:lib }",
      fallback: "none",
    },
  ),
  sums: key(list(text(moduleRules.sumLine), 1024), {
    description:
      "Lines that go.sum lacks. Each module that `require` or `replace` name in a version needs its two, unless go.sum has them: nothing is taken on trust from a server. `go mod download -json PATH@VERSION` prints the hashes as `Sum` and `GoModSum`, having asked the checksum database.",
    words: "a list of lines of go.sum",
    example: "sums: [golang.org/x/net v0.38.0 h1:vRMAPTMaeGqVhG5QyLJHqNDwecKTomGeqbnfZyKlBI8=]",
    fallback: "none",
  }),
});

export const modules = z.strictObject({
  private: key(list(text(moduleRules.modulePattern), 64), {
    description:
      "Module paths that are fetched from their own host, not through the public proxy and checksum database: GOPRIVATE's patterns.",
    words: "a list of patterns",
    example: "private: [github.com/acme/*, '*.corp.example']",
    fallback: "none",
  }),
  proxy: key(list(text(moduleRules.proxyEntry), 16), {
    description: "Module proxies in the order they are asked: GOPROXY's list.",
    words: "a list of URLs",
    example: "proxy: [https://proxy.corp.example, direct]",
    fallback: "the client's `--build-arg GOPROXY=…`, else `[https://proxy.golang.org, direct]`",
  }),
  edit: key(edit, {
    description:
      "Changes of go.mod and go.sum, made before anything reads them: of the go.mod of each module that programs are built from. A go.work stays as it is.",
    words: "a map",
    example: "edit: { replace: { example.com/lib: ./third_party/lib } }",
    fallback: "none",
  }),
  auth: key(z.catchall(z.strictObject({ netrc }), hostAuth), {
    description:
      "How to log in to hosts of private modules: by host, or to all hosts with a netrc file. Ids name what the client hands in with `--secret` and `--ssh`. Only the download step sees the values.",
    words: "a map of hosts",
    example: "auth: { github.com: { token: github-token } }",
    fallback: "no login",
  }),
});
