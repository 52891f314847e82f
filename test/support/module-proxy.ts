// A Go module proxy of modules that no other proxy has, over http on the loopback interface and as a folder of files.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { crc32 } from "node:zlib";
import { listen } from "./listen.ts";

/** Files by path, by `path@version`; each has its go.mod. */
export type Modules = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What the proxy answers, by the part of the URL behind its address (https://go.dev/ref/mod#goproxy-protocol). */
export function proxyFiles(modules: Modules): ReadonlyMap<string, Uint8Array> {
  const text = new TextEncoder();
  const lists = new Map<string, string[]>();
  const files = new Map<string, Uint8Array>();
  for (const [name, content] of Object.entries(modules)) {
    const [path = "", version = ""] = name.split("@");
    lists.set(path, [...(lists.get(path) ?? []), version]);
    const at = `${path}/@v/${version}`;
    files.set(`${at}.info`, text.encode(JSON.stringify({ Version: version })));
    files.set(`${at}.mod`, text.encode(content["go.mod"] ?? ""));
    files.set(
      `${at}.zip`,
      storedZip(Object.entries(content).map(([file, body]) => [`${name}/${file}`, body])),
    );
  }
  for (const [path, versions] of lists) files.set(`${path}/@v/list`, text.encode(`${versions.join("\n")}\n`));
  return files;
}

/** The lines of go.sum (golang/mod:sumdb/dirhash/hash.go, Hash1). */
export function sumLines(modules: Modules): string {
  const sha256 = (content: string): Buffer => createHash("sha256").update(content).digest();
  const hash = (files: readonly (readonly [name: string, text: string])[]): string => {
    const lines = files.map(([name, text]) => `${sha256(text).toString("hex")}  ${name}\n`);
    return `h1:${sha256(lines.toSorted((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join("")).toString("base64")}`;
  };
  return Object.entries(modules)
    .flatMap(([name, content]) => {
      const module = name.replace("@", " ");
      const zip = Object.entries(content).map(([file, text]) => [`${name}/${file}`, text] as const);
      return [
        `${module} ${hash(zip)}\n`,
        `${module}/go.mod ${hash([["go.mod", content["go.mod"] ?? ""]])}\n`,
      ];
    })
    .join("");
}

export interface ModuleProxy {
  readonly url: string;
  /** What was asked for, in order. */
  readonly asked: readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * Serves modules; what is forbidden is answered as proxies of companies answer, with 403.
 *
 * @param forbidden beginnings of what the proxy answers
 * @param at where it listens; port 0 is any
 */
export async function startModuleProxy(
  modules: Modules,
  forbidden: readonly string[] = [],
  at: { readonly address: string; readonly port: number } = { address: "127.0.0.1", port: 0 },
): Promise<ModuleProxy> {
  const files = proxyFiles(modules);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? "").slice(1));
    asked.push(path);
    const found = files.get(path);
    if (forbidden.some((prefix) => path.startsWith(prefix))) response.writeHead(403).end("Forbidden\n");
    else if (found === undefined) response.writeHead(404).end("not found\n");
    else response.writeHead(200).end(found);
  });
  const port = await listen(server, at);
  return {
    url: `http://${at.address}:${port}`,
    asked,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A zip file without compression. */
export function storedZip(files: readonly (readonly [name: string, text: string])[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of files) {
    const content = Buffer.from(text);
    // What the local header and the directory entry share: version, flags, method, time, date, checksum, sizes, name.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, Buffer.from(name), content]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from("PK\u0001\u0002"), Buffer.from([20, 0]), common, tail, Buffer.from(name)]),
    );
    parts.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, entries, Buffer.from("PK\u0005\u0006"), end]);
}
