import type { Entry, FileRange, PackageListing, SourceTree } from "./source-tree.ts";

/** Questions to a tree, asked singly and handed over together: all of one turn of the event loop in one call. */
export interface Rounds {
  readonly list: (dir: string) => Promise<readonly Entry[] | undefined>;
  /** Only for a tree that lists packages. */
  readonly listPackage: (dir: string) => Promise<PackageListing | undefined>;
  readonly read: (range: FileRange) => Promise<Uint8Array>;
}

/**
 * Reads go out at the end of the turn. Lists wait until nothing is read or listed any more: what files say can only add
 * to the directories of this level. So there are as many rounds of lists as the import graph has levels, whatever its
 * size and in whatever order files come.
 *
 * @param onLists called at the begin of a round of lists
 */
export function inRounds(tree: SourceTree, onLists: () => void): Rounds {
  const dirs = queue<string, readonly Entry[] | undefined>();
  const packages = queue<string, PackageListing | undefined>();
  const files = queue<FileRange, Uint8Array>();
  /** Reads and rounds of lists that are under way. */
  let running = 0;
  let isPlanned = false;

  const plan = (): void => {
    if (isPlanned) return;
    isPlanned = true;
    // A microtask would be too early: questions of one level may be some awaits apart.
    setImmediate(() => {
      isPlanned = false;
      sendReads();
      if (running === 0) void sendLists();
    });
  };

  const answered = (): void => {
    running--;
    plan();
  };

  const sendReads = (): void => {
    const asked = files.take();
    if (asked.length === 0) return;
    running += asked.length;
    const answers = tree.read(asked.map(({ question }) => question));
    asked.forEach((request, index) => void deliver(request, answers[index]));
  };

  const deliver = async (
    { resolve, reject }: Asked<FileRange, Uint8Array>,
    answer: Promise<Uint8Array> | undefined,
  ): Promise<void> => {
    try {
      resolve((await answer) ?? unanswered());
    } catch (error) {
      reject(error);
    }
    answered();
  };

  const sendLists = async (): Promise<void> => {
    const [whole, straight] = [dirs.take(), packages.take()];
    if (whole.length + straight.length === 0) return;
    running++;
    onLists();
    try {
      const [listed, found] = await Promise.all([
        whole.length === 0 ? [] : tree.list(whole.map(({ question }) => question)),
        straight.length === 0 ? [] : tree.listPackages?.(straight.map(({ question }) => question)),
      ]);
      // All at once and in order, so that what follows does not depend on which came first.
      whole.forEach(({ resolve }, index) => resolve(listed[index]));
      straight.forEach(({ resolve }, index) => resolve(found?.[index]));
    } catch (error) {
      [...whole, ...straight].forEach(({ reject }) => reject(error));
    }
    answered();
  };

  const ask =
    <Q, A>(waiting: Queue<Q, A>) =>
    (question: Q): Promise<A> => {
      plan();
      return waiting.add(question);
    };
  return { list: ask(dirs), listPackage: ask(packages), read: ask(files) };
}

interface Asked<Q, A> {
  readonly question: Q;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue<Q, A> {
  add(question: Q): Promise<A>;
  /** All that was added since it was last called. */
  take(): readonly Asked<Q, A>[];
}

function queue<Q, A>(): Queue<Q, A> {
  let waiting: Asked<Q, A>[] = [];
  return {
    add: (question) => new Promise((resolve, reject) => waiting.push({ question, resolve, reject })),
    take: () => {
      const taken = waiting;
      waiting = [];
      return taken;
    },
  };
}

function unanswered(): never {
  throw new Error("facts: the tree leaves a read unanswered");
}
