import { type Diagnostic, type LocatedDescription, suggest, warningAt } from "../description/index.ts";
import { isListArgument } from "./allowed.ts";
import type { BuildRequest } from "./types.ts";

/** Build arguments that BuildKit or this frontend reads; all others must be declared in `args`. */
const read = new Set(["SOURCE_DATE_EPOCH", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOINSECURE"]);

/** Settings of the go command that a description says in its own words. */
const said: Readonly<Record<string, string>> = {
  CGO_ENABLED: "cgo is `build: { cgo: true }`",
  GOARCH: "the client names the target with `--platform`, the description with `platforms:`",
  GOAUTH: "hosts are logged in to by `modules: { auth: … }`",
  GOFLAGS: "flags of the build are the keys of `build:`, like `build: { tags: […] }`",
  GOOS: "the client names the target with `--platform`, the description with `platforms:`",
  GOPRIVATE: "private modules are `modules: { private: […] }`",
  GOTOOLCHAIN: "the Go release is `go:`",
  GO_VERSION: "the Go release is `go:`",
  TARGETARCH: "the client names the target with `--platform`, and `${target.arch}` tells it",
  TARGETOS: "the client names the target with `--platform`, and `${target.os}` tells it",
  TARGETPLATFORM: "the client names the target with `--platform`, and `${target.platform}` tells it",
};

/** A warning for each build argument that nothing reads: most often a misspelt one. */
export function unusedBuildArgs(located: LocatedDescription, request: BuildRequest): readonly Diagnostic[] {
  const declared = Object.keys(located.description.args ?? {});
  return Object.keys(request.buildArgs)
    .filter(
      (name) =>
        !declared.includes(name) &&
        !read.has(name) &&
        !name.startsWith("BUILDKIT_") &&
        !isListArgument(name) &&
        !/^(https?|ftp|no|all)_proxy$/i.test(name),
    )
    .map((name) =>
      warningAt("GF033", `build argument ${name} is declared nowhere and has no effect`, {
        file: located.source.filename,
        range: located.rangeOf(["args"]),
        help: advice(name, declared),
      }),
    );
}

function advice(name: string, declared: readonly string[]): string {
  const close = suggest(name, [...declared, ...read]);
  if (close !== undefined) return `did you mean ${close}?`;
  if (Object.hasOwn(said, name)) return said[name] ?? "";
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
    ? `declare it: \`args: { ${name}: "" }\`, and use it as \`\${${name}}\``
    : "leave it out: an argument that can be declared has a name of letters, digits and `_`";
}
