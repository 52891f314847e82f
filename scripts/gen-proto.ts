// Generates src/proto/generated from the .proto files in proto/:
//
//   index.js, index.d.ts    protobufjs static codecs, and short names for BuildKit's packages
//   schema.js, schema.d.ts  every message as plain data, and those that the canonical encoder writes
//
// The output is not tracked. scripts/run.mjs calls this when a .proto file or this file changed.
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const protoRoot = join(root, "proto");
const out = join(root, "src", "proto", "generated");
/** The file that imports all others. */
const entry = "github.com/moby/buildkit/frontend/gateway/pb/gateway.proto";

/** Short names for the packages, so that code reads `gateway.SolveRequest`. */
const packages = {
  gateway: "moby.buildkit.v1.frontend",
  apicaps: "moby.buildkit.v1.apicaps",
  workerTypes: "moby.buildkit.v1.types",
  sourcepolicy: "moby.buildkit.v1.sourcepolicy",
  fsTypes: "fsutil.types",
  rpc: "google.rpc",
};

function generateCodecs(): void {
  const target = join(out, "index.js");
  const pbjs = join(root, "node_modules", "protobufjs-cli", "bin", "pbjs");
  const flags = ["-t", "static-module", "-w", "esm", "--keep-case", "--null-semantics"];
  // Comments must stay: the declarations are made from them.
  const without = [
    "--no-create",
    "--no-verify",
    "--no-convert",
    "--no-delimited",
    "--no-typeurl",
    "--no-service",
  ];
  const run = spawnSync(
    process.execPath,
    [pbjs, ...flags, ...without, "--dts", "-p", protoRoot, "-o", target, join(protoRoot, entry)],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  if (run.status !== 0) throw new Error(`pbjs failed with status ${String(run.status)}`);
  writeFileSync(target, withLenientNames(readFileSync(target, "utf8")));
  const names = Object.entries(packages);
  appendFileSync(target, names.map(([name, path]) => `export const ${name} = ${path};\n`).join(""));
  appendFileSync(
    join(out, "index.d.ts"),
    names.map(([name, path]) => `export import ${name} = ${path};\n`).join(""),
  );
}

/**
 * File names are bytes, and fsutil sends them as they are in fields that are strings by their declaration. One name that
 * is not UTF-8 must not hide all others, so a Stat is decoded with U+FFFD in the place of what is none.
 */
function withLenientNames(code: string): string {
  const start = code.indexOf("Stat.decode = function");
  const end = code.indexOf("return Stat;", start);
  const decoder = code.slice(start, end);
  const strict = /message\.(path|linkname) = value/g;
  if (start < 0 || end < 0 || decoder.match(strict)?.length !== 2) {
    throw new Error("gen-proto: the decoder of fsutil.types.Stat does not look as expected");
  }
  const lenient = decoder.replaceAll("reader.stringVerify()", "lenientText.decode(reader.bytes())");
  return `${code.slice(0, start)}${lenient}${code.slice(end)}\nconst lenientText = new TextDecoder("utf-8", { ignoreBOM: true });\n`;
}

function messagesUnder(node: protobuf.NamespaceBase): protobuf.Type[] {
  return node.nestedArray.flatMap((child) => {
    const messages = child instanceof protobuf.Type ? [child] : [];
    return child instanceof protobuf.Namespace ? [...messages, ...messagesUnder(child)] : messages;
  });
}

function fieldSchema(field: protobuf.Field): Record<string, unknown> {
  const resolved = field.resolvedType;
  const type =
    resolved === null ? field.type : resolved instanceof protobuf.Enum ? "enum" : resolved.fullName.slice(1);
  return {
    name: field.name,
    number: field.id,
    type,
    ...(field.repeated ? { repeated: true } : {}),
    ...(field instanceof protobuf.MapField ? { keyType: field.keyType } : {}),
    ...(field.partOf === null ? {} : { oneof: field.partOf.name }),
  };
}

/** The messages of `CanonicalMessages` (src/proto/canonical.ts). */
const hashedMessages = ["pb.Op", "pb.Definition", "pb.OpMetadata", "pb.Source", "pb.Platform"];

/** Messages, and all that their fields hold. */
function messagesIn(
  types: readonly protobuf.Type[],
  found = new Set<protobuf.Type>(),
): ReadonlySet<protobuf.Type> {
  for (const type of types) {
    if (found.has(type)) continue;
    found.add(type);
    const held = type.fieldsArray.flatMap(({ resolvedType }) =>
      resolvedType instanceof protobuf.Type ? [resolvedType] : [],
    );
    messagesIn(held, found);
  }
  return found;
}

function generateSchema(): void {
  const proto = new protobuf.Root();
  proto.resolvePath = (_origin, target) => (target.startsWith(protoRoot) ? target : join(protoRoot, target));
  proto.loadSync(join(protoRoot, entry), { keepCase: true });
  proto.resolveAll();
  const messages = messagesUnder(proto);
  const table = (some: readonly protobuf.Type[]): string =>
    JSON.stringify(
      Object.fromEntries(some.map((type) => [type.fullName.slice(1), type.fieldsArray.map(fieldSchema)])),
    );
  const hashed = messagesIn(hashedMessages.map((name) => proto.lookupType(name)));
  writeFileSync(
    join(out, "schema.js"),
    `export const schema = ${table(messages)};\nexport const hashedSchema = ${table(messages.filter((type) => hashed.has(type)))};\n`,
  );
  writeFileSync(
    join(out, "schema.d.ts"),
    `/** One field of a message; \`type\` is a scalar name, "enum" or a full message name. */
export interface FieldSchema {
  readonly name: string;
  readonly number: number;
  readonly type: string;
  readonly repeated?: true;
  readonly keyType?: string;
  readonly oneof?: string;
}
/** Fields in declaration order, by full message name. */
export declare const schema: Readonly<Record<string, readonly FieldSchema[]>>;
/** Of the messages whose bytes are hashed, and of what they hold: a third of the text. */
export declare const hashedSchema: Readonly<Record<string, readonly FieldSchema[]>>;
`,
  );
}

mkdirSync(out, { recursive: true });
generateCodecs();
generateSchema();
