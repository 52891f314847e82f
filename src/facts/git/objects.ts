import { gate } from "../bounds.ts";
import { onceMade } from "../once.ts";
import type { GitFiles } from "./files.ts";
import { type GitObject, inflated, MOST_OBJECT, type ObjectType } from "./object.ts";
import { openPacks } from "./pack.ts";

export interface Objects {
  /** An object by its name; what is not there, or cannot be read, is no error. */
  read(name: string): Promise<GitObject | undefined>;
  /** Bytes of packs, where they are more than is read for a stamp: what lies in them is not known. */
  unreadPacks(): Promise<number | undefined>;
}

/** Objects that stand in a file of their own: each is a transfer from the client. */
const MOST_LOOSE = 500;
/** Objects that are unpacked at the same time: a few bytes may become as many as {@link MOST_OBJECT}. */
const MOST_AT_ONCE = 16;

/**
 * Objects of a repository, and of those that it borrows from (git's gitrepository-layout(5), objects/info/alternates).
 *
 * @param alternates the repositories that have them
 */
export function openObjects(common: GitFiles, alternates: readonly GitFiles[] = []): Objects {
  const stores = [common, ...alternates].map(openStore);
  return {
    read: async (name) => {
      for (const store of stores) {
        const object = await store.read(name);
        if (object !== undefined) return object;
      }
      return undefined;
    },
    unreadPacks: async () => {
      const unread = await Promise.all(stores.map((store) => store.unreadPacks()));
      return unread.find((bytes) => bytes !== undefined);
    },
  };
}

/** Objects of one repository: each in a file of its own, or many in a pack. */
function openStore(common: GitFiles): Objects {
  const packs = openPacks(common);
  const inTurn = gate(MOST_AT_ONCE);
  const folders = onceMade(() => listLoose(common));
  let left = MOST_LOOSE;
  const loose = async (name: string): Promise<GitObject | undefined> => {
    const [folder, file] = [name.slice(0, 2), name.slice(2)];
    const entry = (await folders()).get(folder)?.get(file);
    if (entry?.kind !== "file" || entry.size > MOST_OBJECT || left-- <= 0) return undefined;
    return parseLoose(await common.read(`objects/${folder}/${file}`, 0, entry.size));
  };
  return {
    read: (name) => inTurn(1, async () => (await packs.read(name)) ?? loose(name)),
    unreadPacks: packs.unread,
  };
}

/** All folders of such objects at once: a round trip to the client, as would be that for any of them. */
async function listLoose(common: GitFiles) {
  const names = [...((await common.list("objects")) ?? new Map<string, never>()).keys()];
  const folders = await Promise.all(
    names
      .filter((name) => /^[0-9a-f]{2}$/.test(name))
      .map(
        async (name) => [name, (await common.list(`objects/${name}`)) ?? new Map<string, never>()] as const,
      ),
  );
  return new Map(folders);
}

function parseLoose(bytes: Uint8Array): GitObject | undefined {
  const raw = inflated(bytes);
  const end = raw?.indexOf(0) ?? -1;
  if (raw === undefined || end < 0) return undefined;
  const [, type] = /^(commit|tree|blob|tag) \d+$/.exec(new TextDecoder().decode(raw.subarray(0, end))) ?? [];
  return isType(type) ? { type, bytes: raw.subarray(end + 1) } : undefined;
}

function isType(text: string | undefined): text is ObjectType {
  return text === "commit" || text === "tree" || text === "blob" || text === "tag";
}
