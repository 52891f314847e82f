import { existsSync, createReadStream, mkdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:https";
import { join, normalize } from "node:path";
import { runCommand, startThrottle, type Throttle } from "../rig/index.ts";

/** A module proxy on the loopback address, behind TLS of its own. */
export interface ModuleProxy {
  /** For GOPROXY. */
  readonly url: string;
  /** The CA file that every download step gets as its secret `ca-certificates`. */
  readonly caFile: string;
  /** Bytes sent so far, TLS included. */
  readonly sent: () => number;
  readonly close: () => Promise<void>;
}

async function certificate(folder: string): Promise<Readonly<{ key: string; cert: string }>> {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "ca.pem")];
  mkdirSync(folder, { recursive: true });
  if (!existsSync(cert)) {
    await runCommand("openssl", [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "3650",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost,IP:127.0.0.1",
      "-keyout",
      key,
      "-out",
      cert,
    ]);
  }
  return { key, cert };
}

/**
 * Serves Go's module download cache, which has the layout of a module proxy (go.dev/ref/mod#module-cache), so
 * that every design downloads the real modules from the same near place, again and again, at the same speed.
 *
 * @param downloads `cache/download` of a GOMODCACHE
 * @param folder where the certificate is kept
 */
export async function startModuleProxy(
  downloads: string,
  folder: string,
  bitsPerSecond: number,
): Promise<ModuleProxy> {
  const { key, cert } = await certificate(folder);
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    const path = join(
      downloads,
      normalize(decodeURIComponent(new URL(request.url ?? "/", "https://x").pathname)),
    );
    const file = path.startsWith(downloads) ? statSync(path, { throwIfNoEntry: false }) : undefined;
    if (file?.isFile() !== true) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-length": file.size });
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const link: Throttle = await startThrottle({ target: `localhost:${port}`, bitsPerSecond });
  return {
    url: `https://${link.host}`,
    caFile: cert,
    sent: () => link.passed().fromTarget,
    close: async () => {
      await link.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
