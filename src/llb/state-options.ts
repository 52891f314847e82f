// Changes of a state as values, for State.with and State.run
// (moby/buildkit:client/llb/meta.go).
import { isAbs, join } from "./path.ts";
import type { NetMode, SecurityMode, StateMeta } from "./meta.ts";
import type { Platform } from "./platform.ts";
import { normalizePlatform } from "./platform.ts";
import type { State, StateOption } from "./state.ts";

/** Replaces parts of what a state carries. */
export const changeMeta =
  (change: Partial<StateMeta>): StateOption =>
  (target) => {
    target.state = target.state.withMeta(change);
  };

/** Appends to one of the lists that a state carries. */
export const addMeta =
  <K extends "extraHosts" | "ulimits">(key: K, item: StateMeta[K][number]): StateOption =>
  (target) => {
    target.state = target.state.withMeta({ [key]: [...target.state.meta[key], item] });
  };

/** Makes a state option of any function on states. */
export const stateOption =
  (change: (state: State) => State): StateOption =>
  (target) => {
    target.state = change(target.state);
  };

/** Sets an environment variable; setting it again moves it to the end. */
export const addEnv = (key: string, value: string): StateOption =>
  stateOption((state) => state.withMeta({ env: state.meta.env.addOrReplace(key, value) }));

/** The working directory; a relative one is joined to the one before. */
export const dir = (path: string): StateOption =>
  stateOption((state) =>
    state.withMeta({ dir: isAbs(path) ? path : join(state.meta.dir === "" ? "/" : state.meta.dir, path) }),
  );

/** `user[:group]`, by name or id, for processes run on the state. */
export const user = (name: string): StateOption => changeMeta({ user: name });

/** The hostname of containers run on the state. */
export const hostname = (name: string): StateOption => changeMeta({ hostname: name });

/** The network of processes run on the state. */
export const network = (mode: NetMode): StateOption => changeMeta({ network: mode });

/** The privileges of processes run on the state. */
export const security = (mode: SecurityMode): StateOption => changeMeta({ security: mode });

/** Keeps the files of the state but takes env, dir, user and so on from `other`. */
export const reset = (other: State): StateOption => stateOption((state) => state.reset(other));

/** The platform recorded on a state; normalised, unlike the constraint of that name. */
export const statePlatform = (value: Platform): StateOption =>
  changeMeta({ platform: normalizePlatform(value) });
