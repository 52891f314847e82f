import type { Owner } from "../description/index.ts";
import type { ContainerConfig } from "./resolved.ts";
import type { ImagePlan } from "./types.ts";

/** The id of a user and a group that are not root, `nonroot` in the bases that are made here. */
export const NONROOT_ID = "65532";

/** The user when neither the description nor the base names one. */
export const NONROOT = `${NONROOT_ID}:${NONROOT_ID}`;

/** Who is in the passwd and group files of `static` (src/plan/helper/rootfs.go, which the tests compare). */
export const STATIC_USERS = { root: "0", nobody: "65534", nonroot: NONROOT_ID } as const;

/** The id that a name of `static` has; undefined for another name. */
export function staticId(name: string): string | undefined {
  return Object.entries(STATIC_USERS).find(([known]) => known === name)?.[1];
}

/**
 * Who runs the image.
 *
 * @param from what the base says of itself
 */
export function imageUser({ user }: Pick<ImagePlan, "user">, from: ContainerConfig | undefined): string {
  return user ?? nonrootUser(from?.User);
}

/** A base's user is kept when it is not root: this frontend makes no root images unless told to. */
function nonrootUser(user: string | undefined): string {
  const name = user?.split(":")[0] ?? "";
  return user === undefined || name === "" || name === "0" || name === "root" ? NONROOT : user;
}

/** {@link imageUser} as an owner of files; names stay names on an image as base alone, which knows them. */
export function userAsOwner(
  image: Pick<ImagePlan, "user" | "base">,
  from: ContainerConfig | undefined,
): Owner {
  const [user = "", group] = imageUser(image, from).split(":");
  const id = (name: string): string => (image.base.kind === "image" ? name : (staticId(name) ?? name));
  return { user: id(user), ...(group === undefined ? {} : { group: id(group) }) };
}
