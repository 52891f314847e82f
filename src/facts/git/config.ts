import { type GitFiles, readText } from "./files.ts";

const MOST_CONFIG = 1 << 20;

/**
 * The URL of the remote `origin`, else of `upstream`, as docker buildx chooses it (docker/buildx:util/gitutil/gitutil.go,
 * RemoteURL), without a login: it goes into labels.
 */
export async function sourceOf(common: GitFiles): Promise<string | undefined> {
  const text = (await readText(common, "config", MOST_CONFIG)) ?? "";
  const urls = new Map<string, string>();
  let remote: string | undefined;
  for (const line of text.split("\n")) {
    const [, section] = /^\s*\[(.*)\]\s*$/.exec(line) ?? [];
    if (section !== undefined) remote = /^remote "(.*)"$/.exec(section)?.[1];
    const [, url] = /^\s*url\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (remote !== undefined && url !== undefined && !urls.has(remote)) urls.set(remote, url);
  }
  return (urls.get("origin") ?? urls.get("upstream"))?.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, "$1");
}
