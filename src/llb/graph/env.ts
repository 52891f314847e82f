// The environment of a state: an immutable list in which every change is a new node, so that a
// chain of states shares what it has in common.

/** One entry: a variable set, or deleted when `value` is undefined. */
interface Change {
  readonly parent: Change | undefined;
  readonly key: string;
  readonly value: string | undefined;
}

/**
 * Environment variables in the order of the last time each was set
 * (moby/buildkit:client/llb/meta.go, EnvList).
 */
export class EnvList {
  static readonly empty = new EnvList(undefined);
  readonly #last: Change | undefined;
  #values: ReadonlyMap<string, string> | undefined;
  #list: readonly string[] | undefined;

  private constructor(last: Change | undefined) {
    this.#last = last;
  }

  addOrReplace(key: string, value: string): EnvList {
    return new EnvList({ parent: this.#last, key, value });
  }

  setDefault(key: string, value: string): EnvList {
    return this.get(key) === undefined ? this.addOrReplace(key, value) : this;
  }

  delete(key: string): EnvList {
    return new EnvList({ parent: this.#last, key, value: undefined });
  }

  get(key: string): string | undefined {
    return this.#resolved().get(key);
  }

  keys(): readonly string[] {
    return [...this.#resolved().keys()];
  }

  /** `KEY=value` entries, as they are written into the op. */
  toArray(): readonly string[] {
    this.#list ??= [...this.#resolved()].map(([key, value]) => `${key}=${value}`);
    return this.#list;
  }

  #resolved(): ReadonlyMap<string, string> {
    if (this.#values !== undefined) return this.#values;
    const seen = new Set<string>();
    const newestFirst: [string, string][] = [];
    for (let change = this.#last; change !== undefined; change = change.parent) {
      if (seen.has(change.key)) continue;
      seen.add(change.key);
      if (change.value !== undefined) newestFirst.push([change.key, change.value]);
    }
    this.#values = new Map(newestFirst.toReversed());
    return this.#values;
  }
}
