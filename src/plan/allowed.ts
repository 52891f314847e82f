// What a description may ask for, where those who build for others say so. A description chooses which secrets are
// used and where they are sent; these lists come from the client alone.
import {
  authOf,
  type Diagnostic,
  diagnosticError,
  errorAt,
  type LocatedDescription,
  type Path,
  type ProfileEntry,
  quote,
  referenceProblem,
  short,
  type StepDescription,
} from "../description/index.ts";
import type { BuildRequest } from "./types.ts";

/** The lists, by the name of the build argument; each is separated by commas, and an empty one allows nothing. */
const LISTS = {
  GO_FRONTEND_ALLOW_SECRETS: {
    entry: "the id of a secret or an ssh agent, like `netrc`",
    isEntry: (text) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text),
  },
  GO_FRONTEND_ALLOW_STEP_SECRETS: {
    entry: "the id of a secret or an ssh agent, like `npmrc`",
    isEntry: (text) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text),
  },
  GO_FRONTEND_ALLOW_HOSTS: {
    entry: "a host, like `proxy.corp.example`, `*.corp.example` or `proxy.corp.example:8443`, or `direct`",
    isEntry: (text) => /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?$/.test(text),
  },
  GO_FRONTEND_ALLOW_TOOLCHAINS: {
    entry: "an image, like `golang`, `registry.corp.example/go:1.26` or `registry.corp.example/*`",
    isEntry: (text) => referenceProblem(text.replace(/\/\*$/, "/x")) === undefined,
  },
} as const satisfies Readonly<
  Record<string, { readonly entry: string; readonly isEntry: (text: string) => boolean }>
>;

type ListName = keyof typeof LISTS;

const PREFIX = "GO_FRONTEND_";

/** Whether a build argument is one of the lists, or would be if it were spelt right. */
export function isListArgument(name: string): boolean {
  return name.startsWith(PREFIX);
}

/**
 * What the description asks for and is not on a list that the client gives, each at its line.
 *
 * @throws GF081 for a list that cannot be read: one that is passed over would allow everything
 */
export function notAllowed(
  located: LocatedDescription,
  { buildArgs }: Pick<BuildRequest, "buildArgs">,
): readonly Diagnostic[] {
  const lists = readLists(located, buildArgs);
  const { description, source } = located;
  const refused = (list: ListName, what: string, path: Path): Diagnostic => {
    const allowed = (lists.get(list) ?? []).join(", ");
    return errorAt("GF055", `${what} is not allowed here`, {
      file: source.filename,
      range: located.rangeOf(path),
      help: `${allowed === "" ? "none is allowed" : `allowed: ${allowed}`}; whoever runs the build can add to --build-arg ${list}=…`,
    });
  };
  const unless = (
    list: ListName,
    what: string,
    path: Path,
    matches: (entry: string) => boolean,
  ): Diagnostic[] => (lists.get(list)?.some(matches) === false ? [refused(list, what, path)] : []);
  const hosts = (host: string, what: string, path: Path): Diagnostic[] =>
    unless("GO_FRONTEND_ALLOW_HOSTS", what, path, (entry) => coversHost(entry, host));
  const { toolchain, modules } = description;
  return [
    ...(toolchain === undefined
      ? []
      : unless("GO_FRONTEND_ALLOW_TOOLCHAINS", `the toolchain ${quote(toolchain)}`, ["toolchain"], (entry) =>
          coversImage(entry, toolchain),
        )),
    ...(modules?.private ?? []).flatMap((pattern, index) => {
      const host = pattern.split("/")[0] ?? "";
      return hosts(host, `fetching modules from ${quote(host)}`, ["modules", "private", index]);
    }),
    ...(modules?.proxy ?? []).flatMap((proxy, index) => {
      const host = proxy === "off" ? undefined : proxyHost(proxy);
      return host === undefined
        ? []
        : hosts(host, `the module proxy ${quote(proxy)}`, ["modules", "proxy", index]);
    }),
    ...fetchedProfiles(located).flatMap(({ url, path }) => {
      const { host } = new URL(url);
      return hosts(host, `a profile from ${quote(host)}`, path);
    }),
    ...askedBySteps(located).flatMap(({ name, path, step }) => [
      ...(step.network === true && lists.has("GO_FRONTEND_ALLOW_HOSTS")
        ? [networkOfStep(located, name, [...path, "network"])]
        : []),
      ...[
        ...(step.secrets ?? []).map((id, index) => [id, "secret", [...path, "secrets", index]] as const),
        ...(step.ssh === undefined ? [] : [[step.ssh, "agent", [...path, "ssh"]] as const]),
      ].flatMap(([id, what, at]) =>
        // A step may write a secret anywhere: who allows one to the download has not allowed that.
        !lists.has("GO_FRONTEND_ALLOW_SECRETS") && !lists.has("GO_FRONTEND_ALLOW_STEP_SECRETS")
          ? []
          : lists.get("GO_FRONTEND_ALLOW_STEP_SECRETS")?.includes(id) === true
            ? []
            : [
                refused(
                  "GO_FRONTEND_ALLOW_STEP_SECRETS",
                  `the ${what} ${quote(id)} in the step ${quote(name)}`,
                  at,
                ),
              ],
      ),
    ]),
    ...authOf(located).flatMap((auth) => {
      const [id, what] = auth.kind === "ssh" ? [auth.agent, "agent"] : [auth.secret, "secret"];
      return [
        ...unless(
          "GO_FRONTEND_ALLOW_SECRETS",
          `the ${what} ${quote(id)}`,
          auth.path,
          (entry) => entry === id,
        ),
        ...(auth.kind === "netrc" ? [] : hosts(auth.host, `a login to ${quote(auth.host)}`, auth.path)),
      ];
    }),
  ];
}

/** The profiles that a description has fetched from a URL, wherever they stand in it. */
function fetchedProfiles({ description }: LocatedDescription): readonly {
  readonly url: string;
  readonly path: Path;
}[] {
  const services = Object.entries(description.services ?? {});
  const scopes: readonly (readonly [Path, typeof description.build])[] = [
    [[], description.build],
    ...services.map(([name, { build }]): readonly [Path, typeof build] => [["services", name], build]),
  ];
  return scopes.flatMap(([scope, build]) =>
    Array.isArray(build?.pgo)
      ? (build.pgo as readonly ProfileEntry[]).flatMap((entry, index) =>
          typeof entry === "string" || entry.url === undefined
            ? []
            : [{ url: entry.url, path: [...scope, "build", "pgo", index] }],
        )
      : [],
  );
}

/** The steps of a description, wherever they stand in it. */
function askedBySteps({ description }: LocatedDescription): readonly {
  readonly name: string;
  readonly path: Path;
  readonly step: StepDescription;
}[] {
  const services = Object.entries(description.services ?? {});
  const scopes: readonly (readonly [Path, typeof description.steps])[] = [
    [[], description.steps],
    ...services.map(([name, { steps }]): readonly [Path, typeof steps] => [["services", name], steps]),
  ];
  return scopes.flatMap(([scope, steps = {}]) =>
    Object.entries(steps).map(([name, step]) => ({ name, path: [...scope, "steps", name], step })),
  );
}

/** Where hosts are on a list, a step that reaches any of them goes around it. */
function networkOfStep({ source, rangeOf }: LocatedDescription, name: string, path: Path): Diagnostic {
  return errorAt("GF055", `the network of the step ${quote(name)} is not allowed here`, {
    file: source.filename,
    range: rangeOf(path),
    help: "fetch what it needs before the build; whoever runs the build allows the network to steps by leaving GO_FRONTEND_ALLOW_HOSTS out",
  });
}

/**
 * Proxies that modules come from: those of the description, else the client's. Where nobody names any, Go's default,
 * without the repositories themselves where the client's list of hosts does not allow them. Undefined is Go's default as
 * it is.
 */
export function proxiesOf(
  { description: { modules } }: Pick<LocatedDescription, "description">,
  { buildArgs }: Pick<BuildRequest, "buildArgs">,
): string | undefined {
  const named = modules?.proxy?.join(",") ?? buildArgs["GOPROXY"];
  if (named !== undefined) return named;
  const hosts = buildArgs["GO_FRONTEND_ALLOW_HOSTS"];
  return hosts === undefined || entriesOf(hosts).includes("direct") ? undefined : "https://proxy.golang.org";
}

function readLists(
  { source }: LocatedDescription,
  buildArgs: BuildRequest["buildArgs"],
): ReadonlyMap<ListName, readonly string[]> {
  const problems: Diagnostic[] = [];
  const lists = new Map<ListName, readonly string[]>();
  const wrong = (name: string, message: string, help: string): void => {
    const option = `--build-arg ${short(name)}`;
    problems.push(errorAt("GF081", message, { file: source.filename, option, help }));
  };
  for (const [name, value] of Object.entries(buildArgs)) {
    if (!isListArgument(name)) continue;
    if (!isListName(name)) {
      wrong(name, `unknown build argument ${quote(name)}`, `the lists are ${Object.keys(LISTS).join(", ")}`);
      continue;
    }
    const entries = entriesOf(value);
    for (const entry of entries) {
      if (LISTS[name].isEntry(entry)) continue;
      wrong(name, `${name} holds ${quote(entry)}`, `each entry is ${LISTS[name].entry}`);
    }
    lists.set(name, entries);
  }
  if (problems.length > 0) throw diagnosticError(problems);
  return lists;
}

function isListName(name: string): name is ListName {
  return Object.hasOwn(LISTS, name);
}

function entriesOf(list: string): readonly string[] {
  return list
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

/** `direct` is the name of every host that a go.mod may name. */
function proxyHost(proxy: string): string {
  return /^https?:\/\/([^/]*)/.exec(proxy)?.[1]?.toLowerCase() ?? proxy;
}

/** An entry without a port covers all ports; `*.x` covers what is below x, and the same pattern. */
function coversHost(entry: string, host: string): boolean {
  const name = entry.includes(":") ? host : host.replace(/:[0-9]+$/, "");
  return entry === name || (entry.startsWith("*.") && name.endsWith(entry.slice(1)) && !/[?[\]]/.test(name));
}

/** An entry without tag and digest covers all of them; `x/*` covers what is below x. */
function coversImage(entry: string, reference: string): boolean {
  const [wanted, image] = [familiar(entry), familiar(reference)];
  if (wanted.endsWith("/*")) return image.startsWith(wanted.slice(0, -1));
  return [image, image.replace(/@.*$/, ""), image.replace(/@.*$/, "").replace(/:[^/]*$/, "")].includes(
    wanted,
  );
}

function familiar(reference: string): string {
  return reference.replace(/^(?:index\.)?docker\.io\//, "").replace(/^library\//, "");
}
