import type { Code } from "./codes.ts";
import { type Diagnostic, errorAt, warningAt } from "./diagnostic.ts";
import { BUILTINS, expand, FILE } from "./expand.ts";
import type { Places } from "./located.ts";
import type { Entry, Node, ScalarNode } from "./node.ts";
import { linesOf, type Path, type Range, type Source } from "./position.ts";
import { moduleHost } from "./module-values.ts";
import { serviceProblems } from "./service-checks.ts";
import { quote } from "./visible.ts";

/**
 * What no single key can be blamed for by its type: names in templates, keys that need or exclude
 * each other, names that look like secrets. Works on nodes, so that it runs beside the schema's
 * errors; what has another type than it should is passed over here.
 */
export function checkTogether(source: Source, places: Places): readonly Diagnostic[] {
  const services = keysOf(places, ["services"]);
  const scopes: readonly Path[] = [[], ...services.map((name) => ["services", name])];
  return [
    ...serviceProblems(source, places),
    ...scopes.flatMap((scope) => templates(source, places, scope)),
    ...secretNames(
      source,
      places,
      ["args"],
      "build arguments are written into provenance for everyone to read",
      "hand secrets to the build with `--secret`, and to the service when it runs",
    ),
    ...scopes.flatMap((scope) =>
      secretNames(
        source,
        places,
        [...scope, "image", "env"],
        "the environment is written into the image for everyone to read",
        "set it where the service runs",
      ),
    ),
    ...keysOf(places, ["modules", "auth"]).flatMap((host) => authFits(source, places, host)),
    ...scopes.flatMap((scope) => profilesFit(source, places, [...scope, "build", "pgo"])),
    ...scopes.flatMap((scope) => filesFit(source, places, [...scope, "image", "files"])),
    ...scopes.flatMap((scope) => directoriesFit(source, places, [...scope, "image", "dirs"])),
    ...scopes.flatMap((scope) =>
      keysOf(places, [...scope, "steps"]).flatMap((name) =>
        stepFits(source, places, [...scope, "steps", name]),
      ),
    ),
  ];
}

/** Values with `${name}`: maps of text, and the list of arguments. */
const templated: readonly Path[] = [
  ["build", "vars"],
  ["image", "env"],
  ["image", "labels"],
  ["image", "args"],
];

function templates(source: Source, places: Places, scope: Path): readonly Diagnostic[] {
  const declared = keysOf(places, ["args"]);
  const known = new Set([...declared, ...Object.keys(BUILTINS)]);
  const lines = linesOf(source.text);
  const nodes = [
    ...templated.flatMap((path) => scalarsOf(places.nodeAt([...scope, ...path]))),
    ...textsOf(places.nodeAt([...scope, "image", "files"])),
  ];
  return nodes.flatMap((node) => {
    const value = typeof node.value === "string" ? node.value : "";
    if (!value.includes("$")) return [];
    const result = expand(
      value,
      (name) => (known.has(name) || name.startsWith(FILE) ? "" : undefined),
      known,
    );
    if (result.ok) return [];
    const at = textStart(source.text, node, value);
    return result.problems.map((problem): Diagnostic => {
      const range =
        at === undefined
          ? lines.range(node.start, node.end)
          : lines.range(at + problem.offset, at + problem.offset + problem.length);
      return errorAt("GF042", problem.message, {
        file: source.filename,
        range,
        help: problem.help,
      });
    });
  });
}

/** Texts of files, which may hold variables. */
function textsOf(files: Node | undefined): readonly ScalarNode[] {
  if (files?.kind !== "list") return [];
  return files.items.flatMap((item) => {
    const text = item.kind === "map" ? item.entries.get("text")?.value : undefined;
    return text?.kind === "scalar" ? [text] : [];
  });
}

/** Where a scalar's characters start in the text, when it is written without escapes and folding. */
function textStart(text: string, node: ScalarNode, value: string): number | undefined {
  return [node.start, node.start + 1].find((start) => text.startsWith(value, start));
}

// The words that Docker's own check (SecretsUsedInArgOrEnv) looks for, between underscores.
const secretWord = /(?:^|_)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/i;
const harmless = /(?:^|_)(?:public|file|path|id|name|url|ttl)(?:_|$)/i;

function secretNames(
  source: Source,
  places: Places,
  path: Path,
  why: string,
  help: string,
): readonly Diagnostic[] {
  return keysOf(places, path)
    .filter((name) => name.length <= 128 && secretWord.test(name) && !harmless.test(name))
    .map((name) =>
      warningAt("GF053", `${quote(name)} looks like a secret; ${why}`, {
        file: source.filename,
        range: places.keyRangeOf([...path, name]),
        help,
      }),
    );
}

function authFits(source: Source, places: Places, host: string): readonly Diagnostic[] {
  const path: Path = ["modules", "auth", host];
  const node = places.nodeAt(path);
  if (host === "netrc") return [];
  const named = moduleHost(host);
  if (!named.ok) {
    const { code = "GF040", message: predicate, help, whole } = named.problem;
    const message = whole === true ? predicate : `a key of auth ${predicate}`;
    return [problem(source, code, message, places.keyRangeOf(path), help)];
  }
  if (node?.kind !== "map") return [];
  const hasToken = node.entries.has("token");
  const hasSsh = node.entries.has("ssh");
  if (hasToken === hasSsh) {
    const message = hasToken
      ? `${quote(host)} is given both token and ssh`
      : `${quote(host)} is given neither token nor ssh`;
    return [
      problem(
        source,
        "GF043",
        message,
        places.keyRangeOf(path),
        "write `token: ID` for a token over https, or `ssh: default` and `knownHosts: […]`",
      ),
    ];
  }
  if (hasToken) {
    return ["port", "knownHosts"]
      .filter((key) => node.entries.has(key))
      .map((key) =>
        problem(
          source,
          "GF043",
          `${key} goes with ssh, not with token`,
          places.keyRangeOf([...path, key]),
          "remove it",
        ),
      );
  }
  return knownHostsFit(source, places, path, host, node.entries.get("port"), node.entries.get("knownHosts"));
}

function knownHostsFit(
  source: Source,
  places: Places,
  path: Path,
  host: string,
  portEntry: Entry | undefined,
  known: Entry | undefined,
): readonly Diagnostic[] {
  const port =
    portEntry?.value.kind === "scalar" && typeof portEntry.value.value === "number"
      ? portEntry.value.value
      : 22;
  const name = port === 22 ? host : `[${host}]:${port}`;
  const scan = `run \`ssh-keyscan -t ed25519${port === 22 ? "" : ` -p ${port}`} ${host}\`, check the key with the host's owner, and list the line`;
  if (known === undefined) {
    return [
      problem(
        source,
        "GF054",
        `ssh to ${host} needs knownHosts: a server that is not pinned is never trusted`,
        places.keyRangeOf([...path, "ssh"]),
        scan,
      ),
    ];
  }
  if (known.value.kind !== "list") return [];
  const lines = scalarsOf(known.value).map((node) => String(node.value));
  if (lines.some((line) => names(line, name))) return [];
  return [
    problem(
      source,
      "GF054",
      `no line of knownHosts is for ${name}`,
      places.keyRangeOf([...path, "knownHosts"]),
      scan,
    ),
  ];
}

/** Whether a line of known_hosts can be for a host; hashed names and patterns are taken as matching. */
function names(line: string, host: string): boolean {
  const fields = line.trim().split(/ +/);
  const hosts = fields[0]?.startsWith("@") === true ? fields[1] : fields[0];
  return (hosts ?? "")
    .split(",")
    .some((pattern) => pattern === host || pattern.startsWith("|") || /[*?]/.test(pattern));
}

/** A profile that is not a path comes from one place, and says all of it. */
function profilesFit(source: Source, places: Places, path: Path): readonly Diagnostic[] {
  const node = places.nodeAt(path);
  if (node?.kind !== "list") return [];
  return node.items.flatMap((item, index): Diagnostic[] => {
    if (item.kind !== "map") return [];
    const at = [...path, index];
    const has = (key: string): boolean => item.entries.has(key);
    const fits = [
      [
        ["url", "checksum"],
        ["image", "path"],
      ],
      [
        ["image", "path"],
        ["url", "checksum"],
      ],
    ].some(([needed = [], other = []]) => needed.every(has) && !other.some(has));
    if (fits) return [];
    const message =
      has("url") && !has("checksum") && !has("image") && !has("path")
        ? "a profile from a URL has no checksum"
        : has("image") && !has("path") && !has("url") && !has("checksum")
          ? "a profile from an image has no path"
          : "a profile comes from a URL with its checksum, or from a path in an image";
    return [
      problem(
        source,
        "GF043",
        message,
        places.rangeOf(at),
        'write `{ url: https://…, checksum: "sha256:…" }` or `{ image: NAME, path: /cpu.pgo }`',
      ),
    ];
  });
}

/** A file of an image comes from one place, and has one. */
function filesFit(source: Source, places: Places, path: Path): readonly Diagnostic[] {
  const node = places.nodeAt(path);
  if (node?.kind !== "list") return [];
  return node.items.flatMap((item, index): readonly Diagnostic[] => {
    if (item.kind !== "map") return [];
    const at = [...path, index];
    const has = (key: string): boolean => item.entries.has(key);
    const to = item.entries.get("to")?.value;
    const isFolder = to?.kind === "scalar" && typeof to.value === "string" && to.value.endsWith("/");
    return [
      ...(has("from") === has("text")
        ? [
            problem(
              source,
              "GF043",
              has("from") ? "a file has both from and text" : "a file has neither from nor text",
              places.rangeOf(at),
              "write `{ from: etc/app.toml, to: /etc/app.toml }`, or `text: …` for what it holds",
            ),
          ]
        : []),
      ...(has("to")
        ? []
        : [
            problem(
              source,
              "GF043",
              "a file has no place in the image",
              places.rangeOf(at),
              "say where it stands, like `{ from: etc/app.toml, to: /etc/app.toml }`",
            ),
          ]),
      ...(has("text") && isFolder
        ? [
            problem(
              source,
              "GF043",
              "a text has no name in its folder",
              places.rangeOf([...at, "to"]),
              "name the file too, like `/etc/app.toml`",
            ),
          ]
        : []),
    ];
  });
}

/** A directory that is more than its path has one all the same. */
function directoriesFit(source: Source, places: Places, path: Path): readonly Diagnostic[] {
  const node = places.nodeAt(path);
  if (node?.kind !== "list") return [];
  return node.items.flatMap((item, index) =>
    item.kind !== "map" || item.entries.has("path")
      ? []
      : [
          problem(
            source,
            "GF043",
            "a directory has no path",
            places.rangeOf([...path, index]),
            "name it, like `{ path: /data, mode: 0775 }`",
          ),
        ],
  );
}

/** What a step cannot do without, and what it looks like. */
const neededOfSteps = {
  image: "name the image that it runs in, like `image: node:24`",
  run: "say what runs, as lists of a program and its arguments: `run: [[npm, run, build]]`",
  outputs: "name what it writes, like `outputs: [web/dist]`",
};

function stepFits(source: Source, places: Places, path: Path): readonly Diagnostic[] {
  const node = places.nodeAt(path);
  if (node?.kind !== "map") return [];
  const name = quote(String(path.at(-1)));
  return Object.entries(neededOfSteps)
    .filter(([key]) => !node.entries.has(key))
    .map(([key, help]) =>
      problem(source, "GF043", `the step ${name} has no ${key}`, places.keyRangeOf(path), help),
    );
}

function keysOf(places: Places, path: Path): readonly string[] {
  const node = places.nodeAt(path);
  return node?.kind === "map" ? [...node.entries.keys()] : [];
}

function scalarsOf(node: Node | undefined): readonly ScalarNode[] {
  switch (node?.kind) {
    case "map":
      return [...node.entries.values()].flatMap((entry) =>
        entry.value.kind === "scalar" ? [entry.value] : [],
      );
    case "list":
      return node.items.flatMap((item) => (item.kind === "scalar" ? [item] : []));
    default:
      return [];
  }
}

function problem(source: Source, code: Code, message: string, range: Range, help: string): Diagnostic {
  return errorAt(code, message, { file: source.filename, range, help });
}
