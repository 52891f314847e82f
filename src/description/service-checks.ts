import { type Diagnostic, errorAt } from "./diagnostic.ts";
import type { Places } from "./located.ts";
import type { Node } from "./node.ts";
import type { Path, Range, Source } from "./position.ts";
import { suggest } from "./suggest.ts";
import { quote } from "./visible.ts";

/** Of all services together; each is a main package whose imports are followed, and a step that links. */
const MOST_PROGRAMS = 1000;

/** A chain of services that extend each other; a longer one would be read by nobody. */
const LONGEST_CHAIN = 16;

/** What services and their binaries are made of, as far as one key cannot tell it. */
export function serviceProblems(source: Source, places: Places): readonly Diagnostic[] {
  const report = (message: string, range: Range, help: string): Diagnostic =>
    errorAt("GF043", message, { file: source.filename, range, help });
  const services = keysOf(places.nodeAt(["services"]));
  const scopes: readonly Path[] = [[], ...services.map((name) => ["services", name])];
  const tooMany = programs(places, services) > MOST_PROGRAMS;
  return [
    ...servicesFit(places, report),
    ...scopes.flatMap((scope) => binariesFit(places, scope, report)),
    ...services.flatMap((name) => extendsFits(places, name, services, report)),
    ...(tooMany
      ? [
          errorAt("GF028", `the services have more than ${MOST_PROGRAMS} binaries together`, {
            file: source.filename,
            range: places.keyRangeOf(["services"]),
            help: "describe some of them in a file of its own",
          }),
        ]
      : []),
  ];
}

type Report = (message: string, range: Range, help: string) => Diagnostic;

function servicesFit(places: Places, report: Report): readonly Diagnostic[] {
  const node = places.nodeAt(["services"]);
  if (node?.kind !== "map") return [];
  if (node.entries.size === 0) {
    return [
      report(
        "services names no service",
        places.keyRangeOf(["services"]),
        "leave the key out when the file has one service",
      ),
    ];
  }
  if (!places.has(["name"])) return [];
  return [
    report(
      "name cannot stand beside services: each service's key is its name",
      places.keyRangeOf(["name"]),
      "remove `name:`",
    ),
  ];
}

function binariesFit(places: Places, scope: Path, report: Report): readonly Diagnostic[] {
  const path = [...scope, "binaries"];
  const node = places.nodeAt(path);
  if (node?.kind !== "map") return [];
  const main = [...scope, "main"];
  return [
    ...(node.entries.size > 0
      ? []
      : [
          report("binaries names no binary", places.keyRangeOf(path), "leave the key out for one, of `main`"),
        ]),
    ...(places.has(main)
      ? [
          report(
            "main cannot stand beside binaries: each of them names its own",
            places.keyRangeOf(main),
            "remove `main:`, and name its directory in `binaries: { NAME: DIRECTORY }`",
          ),
        ]
      : []),
  ];
}

function extendsFits(
  places: Places,
  name: string,
  services: readonly string[],
  report: Report,
): readonly Diagnostic[] {
  const at = (service: string): Path => ["services", service, "extends"];
  const next = extendedBy(places, name);
  if (next === undefined) return [];
  if (!services.includes(next)) {
    const near = suggest(next, services);
    const others = services.filter((service) => service !== name);
    return [
      report(
        `extends names no service of this file (${quote(next)})`,
        places.rangeOf(at(name)),
        near !== undefined && near !== name
          ? `did you mean \`${near}\`?`
          : others.length === 0
            ? "leave it out: what a service has stands in itself, or at the top of the file"
            : `services of this file: ${others.slice(0, 8).join(", ")}${others.length > 8 ? ", …" : ""}`,
      ),
    ];
  }
  const chain = [name];
  for (let service: string | undefined = next; service !== undefined; service = extendedBy(places, service)) {
    if (service === name) {
      return [
        report(
          `${quote(name)} extends itself (${[...chain, name].join(" → ")})`,
          places.rangeOf(at(name)),
          "leave one `extends` out, and put what both share at the top of the file",
        ),
      ];
    }
    // Another service's circle is told at that service.
    if (chain.includes(service)) return [];
    chain.push(service);
    if (chain.length > LONGEST_CHAIN) {
      return [
        report(
          `extends leads through more than ${LONGEST_CHAIN} services`,
          places.rangeOf(at(name)),
          "put what they share at the top of the file",
        ),
      ];
    }
  }
  return [];
}

function extendedBy(places: Places, service: string): string | undefined {
  const node = places.nodeAt(["services", service, "extends"]);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

/** How many binaries there are; those that services take over count for each. */
function programs(places: Places, services: readonly string[]): number {
  return services.reduce((sum, name) => sum + binariesOf(places, name), 0);
}

function binariesOf(places: Places, name: string): number {
  const names = new Set<string>();
  let service: string | undefined = name;
  for (let length = 0; service !== undefined && length < LONGEST_CHAIN; length++) {
    if (places.has(["services", service, "main"])) return Math.max(1, names.size);
    for (const binary of keysOf(places.nodeAt(["services", service, "binaries"]))) names.add(binary);
    service = extendedBy(places, service);
  }
  if (!places.has(["main"])) {
    for (const binary of keysOf(places.nodeAt(["binaries"]))) names.add(binary);
  }
  return Math.max(1, names.size);
}

function keysOf(node: Node | undefined): readonly string[] {
  return node?.kind === "map" ? [...node.entries.keys()] : [];
}
