import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Fixture } from "../facts/fixtures/index.ts";

/** A service and, through a proxy of files, an outside module that imports a package of the service's own module. */
export const pluginService: Fixture = {
  name: "plugin",
  main: "cmd/app",
  files: {
    "go.mod": "module example.com/app\n\ngo 1.24\n\nrequire example.com/plugin v1.0.0\n",
    "cmd/app/main.go": 'package main\n\nimport _ "example.com/plugin"\n\nfunc main() {}\n',
    "hooks/hooks.go": 'package hooks\n\nimport _ "example.com/app/hooks/deep"\n',
    "hooks/deep/deep.go": "package deep\n",
  },
};

const plugin = {
  "go.mod": "module example.com/plugin\n\ngo 1.24\n\nrequire example.com/app v0.0.0\n",
  "plugin.go": 'package plugin\n\nimport _ "example.com/app/hooks"\n',
};

/** Writes a GOPROXY of files below `dir`; answers the environment that uses it and a module cache of its own. */
export async function pluginProxy(dir: string): Promise<Readonly<Record<string, string>>> {
  const versions = join(dir, "proxy", "example.com", "plugin", "@v");
  await mkdir(versions, { recursive: true });
  await writeFile(join(versions, "list"), "v1.0.0\n");
  await writeFile(join(versions, "v1.0.0.info"), '{"Version":"v1.0.0"}');
  await writeFile(join(versions, "v1.0.0.mod"), plugin["go.mod"]);
  const files = Object.entries(plugin).map(
    ([name, text]) => [`example.com/plugin@v1.0.0/${name}`, text] as const,
  );
  await writeFile(join(versions, "v1.0.0.zip"), storedZip(files));
  return {
    GOPROXY: `file://${join(dir, "proxy")}`,
    GOSUMDB: "off",
    GOMODCACHE: join(dir, "modules"),
    GOFLAGS: "-mod=mod",
  };
}

/** A zip file without compression. */
function storedZip(files: readonly (readonly [name: string, text: string])[]): Uint8Array {
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
