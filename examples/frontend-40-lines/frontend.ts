import { dirname } from "node:path/posix";
import { runFrontend, imageResult, singleRef, sourceError } from "go-frontend/gateway";
import { copy, image, linuxAmd64, local, mkdir, newSourceMap, scratch, sessionID, withCaps } from "go-frontend/llb";

// A frontend for files like ./Filesfile: `PATH = TEXT` writes a file, `PATH < IMAGE:PATH` copies one out of an image.
await runFrontend(async (client) => {
  const { opts, sessionID: session } = client.buildOpts;
  const caps = withCaps(client.llbCaps.ids);
  const solve = async (state: ReturnType<typeof scratch>) =>
    singleRef(await client.solve({ definition: state.marshal(linuxAmd64, caps) }));

  // 1. Read the file that is to be built, through the gateway.
  const filename = opts.get("filename") ?? "Filesfile";
  const entry = await solve(local("dockerfile", sessionID(session)));
  const data = await entry?.readFile(filename);
  if (data === undefined) throw new Error(`${filename} is empty`);

  // 2. Turn each line into an operation that knows where it came from.
  const map = newSourceMap(undefined, filename, "", data);
  let root = scratch();
  for (const [index, line] of Buffer.from(data).toString().split("\n").entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const range = { start: { line: index + 1, character: 0 }, end: { line: index + 1, character: line.length } };
    const [, path, sign, value = ""] = /^(\/\S+) ([=<]) (.*)$/.exec(line) ?? [];
    const [, from, source] = /^(.+):(\/.*)$/.exec(value) ?? [];
    if (path !== undefined && sign === "=") {
      const parent = mkdir(dirname(path), 0o755, { makeParents: true, createdTime: 0n });
      root = root.file(parent.mkfile(path, 0o644, `${value}\n`, { createdTime: 0n }), map.location([range]));
    } else if (path !== undefined && from !== undefined && source !== undefined) {
      root = root.file(copy(image(from), source, path, { createDestPath: true }), map.location([range]));
    } else {
      throw sourceError(`${filename}:${index + 1}: expected PATH = TEXT or PATH < IMAGE:PATH`, { filename, data }, [range]);
    }
  }

  // 3. Hand the graph over. Nothing has run yet: BuildKit evaluates what the exporter needs.
  const config = { os: "linux", architecture: "amd64", config: { Labels: { made: "by a frontend in 40 lines" } } };
  return imageResult([{ platform: { os: "linux", architecture: "amd64" }, ref: await solve(root), config }]);
});
