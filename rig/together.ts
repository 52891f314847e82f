/**
 * Does several things side by side. When one fails the others are told by the signal, and waited for.
 *
 * @throws what failed first
 */
export async function together(works: readonly ((signal: AbortSignal) => Promise<void>)[]): Promise<void> {
  const abort = new AbortController();
  let first: unknown;
  await Promise.all(
    works.map(async (work) =>
      work(abort.signal).catch((error: unknown) => {
        if (!abort.signal.aborted) first = error;
        abort.abort();
      }),
    ),
  );
  if (abort.signal.aborted) throw first;
}
