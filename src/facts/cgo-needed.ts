import type { ScannedPackage } from "./closure.ts";
import type { Place, Placed } from "./package.ts";
import { baseName } from "./paths.ts";
import type { FactsDiagnostic } from "./types.ts";

/** What can be done where a package needs cgo. */
const ON = "write `build: { cgo: true }`";
const OTHER = "use a package that needs no C";

/**
 * What cgo's absence means for the packages of a service, its own and those that they import, where it is off.
 *
 * A package of which nothing is left is refused by Go, so that is an error. Where something is left, only its authors
 * know whether the rest does without: a service may well offer SQLite beside other databases. So that is a warning.
 *
 * @param root the main package, at which the chain of imports begins
 * @param isOn whether cgo is on: then nothing needs it any more
 */
export function explainCgo(
  packages: ReadonlyMap<string, ScannedPackage>,
  root: string,
  isOn: boolean,
): readonly FactsDiagnostic[] {
  if (isOn) return [];
  return [...packages.values()].flatMap(({ facts, needCgo, imported }) => {
    const isEmpty = facts.goFiles.length + facts.invalidFiles.length === 0;
    const [first, ...more] = needCgo;
    const files =
      first === undefined
        ? []
        : [
            isEmpty
              ? refuse(facts.importPath, first, chainTo(packages, root, facts.importPath))
              : leftOut(first, more),
          ];
    return [...files, ...imported.flatMap((place) => stubProblem(place.text, [], place))];
  });
}

/** A main package of which nothing is left. */
export function mainNeedsCgo(shown: string, { text, file, position }: Placed): FactsDiagnostic {
  return {
    severity: "error",
    code: "GF060",
    message: `main package ${shown} needs cgo, which is off: ${baseName(file)} ${text}`,
    help: `${ON}, ${OTHER}, or add a file without \`import "C"\` and with \`//go:build !cgo\``,
    file,
    position,
  };
}

function refuse(path: string, { text, file, position }: Placed, chain: readonly string[]): FactsDiagnostic {
  const through = by(chain.slice(0, -1));
  return {
    severity: "error",
    code: "GF060",
    message: `package ${path} needs cgo, which is off: ${baseName(file)} ${text}${through}`,
    help: `${ON}, ${OTHER} in its place, or add a file without \`import "C"\` and with \`//go:build !cgo\``,
    file,
    position,
  };
}

function leftOut({ text, file, position }: Placed, more: readonly Placed[]): FactsDiagnostic {
  const others = more.length === 0 ? "" : `, with ${more.length} more of its package`;
  return {
    severity: "warning",
    code: "GF060",
    message: `${file} is left out${others}: it ${text}, and cgo is off`,
    help: `what it does is missing from the program; ${ON}, or ${OTHER} where the service needs it`,
    file,
    position,
  };
}

/**
 * A package of another module of which nothing is left, known once the modules are there.
 *
 * @param where the file and the line of it that import C
 * @param chain the imports that lead to it, from the one at `place` on
 */
export function outsideNeedsCgo(
  path: string,
  where: string,
  chain: readonly string[],
  place: Place,
): FactsDiagnostic {
  return {
    severity: "error",
    code: "GF060",
    message: `package ${path} needs cgo, which is off: ${where} imports "C"${by(chain)}`,
    help: `${ON}, or ${OTHER} in its place`,
    ...place,
  };
}

/**
 * A package that is known to be of no use without cgo, though what the source tree holds does not show it: it fails when
 * it is used, or what uses it cannot be compiled; none for other packages.
 *
 * @param chain the imports that lead to it, from the one at `place` on; empty where it is imported there itself
 */
export function stubProblem(
  path: string,
  chain: readonly string[],
  { file, position }: Place,
): readonly FactsDiagnostic[] {
  const stub = stubs.find(
    (known) => path === known.path || (known.isRefused !== true && path.startsWith(`${known.path}/`)),
  );
  if (stub === undefined) return [];
  const without =
    stub.isRefused === true
      ? "what uses it cannot be compiled without"
      : "it can be compiled without, and fails when it is used";
  const message = `${path} needs cgo, which is off: ${without}${by(chain)}`;
  return [
    {
      severity: "warning",
      code: "GF060",
      message,
      help: `${stub.on ?? ON}, or ${stub.instead}`,
      file,
      position,
    },
  ];
}

function by(chain: readonly string[]): string {
  return chain.length === 0 ? "" : ` (imported by ${chain.join(" → ")})`;
}

/** The shortest way from one package to another, both included; empty when there is none. */
function chainTo(packages: ReadonlyMap<string, ScannedPackage>, from: string, to: string): readonly string[] {
  const importer = new Map<string, string | undefined>([[from, undefined]]);
  // A map is walked in the order of insertion, with what is added on the way.
  for (const path of importer.keys()) {
    for (const imported of packages.get(path)?.facts.imports ?? []) {
      if (!importer.has(imported)) importer.set(imported, path);
    }
  }
  const chain: string[] = [];
  for (
    let at: string | undefined = importer.has(to) ? to : undefined;
    at !== undefined;
    at = importer.get(at)
  ) {
    chain.unshift(at);
  }
  return chain;
}

interface Stub {
  /** The package, and all packages below it. */
  readonly path: string;
  /** Without cgo Go refuses this package, or leaves so little of it that it refuses what imports it; not those below it. */
  readonly isRefused?: true | undefined;
  /** What turns it on; absent: cgo, however C is linked. */
  readonly on?: string | undefined;
  /** What to write in its place. */
  readonly instead: string;
}

const KAFKA = "use github.com/twmb/franz-go or github.com/segmentio/kafka-go, which need no C";
const SQLITE = "modernc.org/sqlite or github.com/ncruces/go-sqlite3";

/**
 * Packages with a form for builds without cgo that does nothing but fail, packages that pass on to one of them, and some
 * that Go refuses then: a build says so of all such packages once it has their modules, but `check` has no modules. Each
 * was compiled with CGO_ENABLED=0 and read.
 */
const stubs: readonly Stub[] = [
  {
    path: "plugin",
    on: "write `build: { cgo: { link: dynamic } }`",
    instead: "leave plugins out: plugin.Open needs cgo and a dynamic linker",
  },
  { path: "github.com/mattn/go-sqlite3", instead: `use ${SQLITE}, which need no C` },
  { path: "github.com/mutecomm/go-sqlcipher", instead: `use ${SQLITE}, which need no C` },
  { path: "gorm.io/driver/sqlite", instead: "use github.com/glebarez/sqlite, which needs no C" },
  { path: "github.com/jinzhu/gorm/dialects/sqlite", instead: `use ${SQLITE}, which need no C` },
  {
    path: "github.com/golang-migrate/migrate/v4/database/sqlite3",
    instead: "use github.com/golang-migrate/migrate/v4/database/sqlite, which needs no C",
  },
  {
    path: "go.step.sm/crypto/kms/pkcs11",
    instead: "keep the keys in another KMS: PKCS #11 modules are C libraries",
  },
  {
    path: "go.step.sm/crypto/kms/yubikey",
    instead: "keep the keys in another KMS: a YubiKey is reached through C",
  },
  {
    path: "github.com/bep/golibsass/libsass",
    isRefused: true,
    instead: "use github.com/bep/godartsass/v2, which starts Dart Sass as a program",
  },
  { path: "github.com/confluentinc/confluent-kafka-go/kafka", isRefused: true, instead: KAFKA },
  { path: "github.com/confluentinc/confluent-kafka-go/v2/kafka", isRefused: true, instead: KAFKA },
  {
    path: "github.com/google/gopacket/pcap",
    isRefused: true,
    instead: "use github.com/google/gopacket/pcapgo, which needs no C",
  },
  {
    path: "github.com/godror/godror",
    isRefused: true,
    instead: "use github.com/sijms/go-ora/v2, which needs no C",
  },
];
