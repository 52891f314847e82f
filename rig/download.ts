import { createHash } from "node:crypto";
import { createWriteStream, readFileSync } from "node:fs";
import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, get as httpsGet } from "node:https";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { rootCertificates } from "node:tls";
import { systemCaBundle } from "./external.ts";

export interface DownloadOptions {
  readonly sha256: string;
  /** Ends the download. */
  readonly signal: AbortSignal;
  /** How long a server may take to begin its answer, and to go on with it. */
  readonly milliseconds: number;
}

/**
 * Fetches a file whose content is known by its SHA-256, through the proxy that the environment names, and with the
 * CA roots of this system.
 *
 * @throws Error that names the address, when it is not answered in time or the content is another
 */
export async function download(url: string, target: string, options: DownloadOptions): Promise<void> {
  const { sha256, signal, milliseconds } = options;
  const hash = createHash("sha256");
  const tally = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    const response = await follow(url, signal, milliseconds);
    response.socket.setTimeout(milliseconds * 5, () => response.destroy(new Error("it stopped answering")));
    await pipeline(response, tally, createWriteStream(target), { signal });
  } catch (error) {
    throw new Error(`${url}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const got = hash.digest("hex");
  if (got !== sha256) throw new Error(`${url}: its SHA-256 is ${got}, pinned is ${sha256}`);
}

/** The answer at the end of all redirections. */
async function follow(
  url: string,
  signal: AbortSignal,
  milliseconds: number,
  left = 5,
): Promise<IncomingMessage> {
  const response = await answer(url, signal, milliseconds);
  const { statusCode = 0, headers } = response;
  if (statusCode === 200) return response;
  response.resume();
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined && left > 0) {
    return follow(new URL(headers.location, url).href, signal, milliseconds, left - 1);
  }
  throw new Error(`answers ${statusCode}`);
}

const answer = async (url: string, signal: AbortSignal, milliseconds: number): Promise<IncomingMessage> =>
  await new Promise((resolve, reject) => {
    const late = setTimeout(
      () => request.destroy(new Error(`no answer in ${milliseconds} ms`)),
      milliseconds,
    );
    const request = url.startsWith("https:")
      ? httpsGet(url, { agent: new HttpsAgent({ proxyEnv: process.env, ca: caRoots() }), signal })
      : httpGet(url, { agent: new HttpAgent({ proxyEnv: process.env }), signal });
    request.on("response", (response) => {
      clearTimeout(late);
      resolve(response);
    });
    request.on("error", (error) => {
      clearTimeout(late);
      reject(error);
    });
  });

function caRoots(): string[] {
  const bundle = systemCaBundle();
  return bundle === undefined ? [...rootCertificates] : [...rootCertificates, readFileSync(bundle, "utf8")];
}
