import { isNotExist, runFrontend, singleRef, singleResult } from "go-frontend/gateway";
import { includePatterns, linuxAmd64, local, sessionID, sharedKeyHint, withCaps } from "go-frontend/llb";

// Looks at the build context and tells what it saw in `frontend.report`, which clients write to --metadata-file.
await runFrontend(async (client) => {
  // Only what the patterns name travels from the user's machine; BuildKit keeps it for the next build.
  const context = local(
    "context",
    sessionID(client.buildOpts.sessionID),
    includePatterns(["go.mod", "cmd"]),
    sharedKeyHint("read-files"),
  );
  const ref = singleRef(await client.solve({ definition: context.marshal(linuxAmd64, withCaps(client.llbCaps.ids)) }));
  if (ref === undefined) throw new Error("a local source is never empty");

  // Everything below runs at once: calls share the connection.
  const [goMod, readme, commands] = await Promise.all([
    ref.readFile("go.mod", { length: 4096 }), // the first 4 KiB; without a range, files of any size come in pages
    ref.readFile("README.md").catch((error: unknown) => (isNotExist(error) ? undefined : Promise.reject(error))),
    ref.readDir("cmd").then((entries) => entries.filter((entry) => entry.type === "directory").map((entry) => entry.path)),
  ]);
  const [, module = ""] = /^module (\S+)/m.exec(Buffer.from(goMod).toString()) ?? [];
  return singleResult(undefined, { "frontend.report": JSON.stringify({ module, commands, readme: readme !== undefined }) });
});
