// Changes of a state as values, for State.with and State.run
// (moby/buildkit:client/llb/meta.go).
import type { NetMode, SecurityMode, StateMeta } from "../graph/meta.ts";
import type { State, StateOption } from "./state.ts";

/** Replaces parts of what a state carries. */
export const changeMeta = (change: Partial<StateMeta>): StateOption =>
  stateOption((state) => state.withMeta(change));

/** Makes a state option of any function on states. */
export function stateOption(change: (state: State) => State): StateOption {
  return (target) => {
    target.state = change(target.state);
  };
}

/** Sets an environment variable; setting it again moves it to the end. */
export const addEnv = (key: string, value: string): StateOption =>
  stateOption((state) => state.addEnv(key, value));

/** The working directory; a relative one is joined to the one before. */
export const dir = (path: string): StateOption => stateOption((state) => state.dir(path));

/** `user[:group]`, by name or id, for processes run on the state. */
export const user = (name: string): StateOption => stateOption((state) => state.user(name));

/** The hostname of containers run on the state. */
export const hostname = (name: string): StateOption => stateOption((state) => state.hostname(name));

/** The network of processes run on the state. */
export const network = (mode: NetMode): StateOption => stateOption((state) => state.network(mode));

/** The privileges of processes run on the state. */
export const security = (mode: SecurityMode): StateOption => stateOption((state) => state.security(mode));

/** Keeps the files of the state but takes env, dir, user and so on from `other`. */
export const reset = (other: State): StateOption => stateOption((state) => state.reset(other));
