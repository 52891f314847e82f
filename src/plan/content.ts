// What an image holds beside its base and its binaries: directories, links and volumes.
import type { LocatedDescription, Owner, ServiceDescription } from "../description/index.ts";
import { staticId } from "./image-users.ts";
import type { ContentPlan } from "./types.ts";

/** The content of a service's image; undefined where the description asks for none. */
export function planContent(
  description: ServiceDescription,
  located: LocatedDescription,
): ContentPlan | undefined {
  const { base, dirs, links, volumes } = description.image;
  const named = new Set(dirs.map(({ path }) => path));
  const absent = volumes.filter((path) => !named.has(path));
  const targets = Object.entries(links);
  const [key] = dirs.length > 0 ? ["dirs"] : targets.length > 0 ? ["links"] : ["volumes"];
  if (dirs.length + absent.length + targets.length === 0 || key === undefined) return undefined;
  const byId = (name: string): string =>
    base.kind === "static" || name === "root" ? (staticId(name) ?? name) : name;
  const idsOf = ({ user, group }: Owner): Owner => ({
    user: byId(user),
    ...(group === undefined ? {} : { group: byId(group) }),
  });
  return {
    dirs: dirs.map(({ path, mode, owner }) => ({
      path,
      mode,
      ...(owner === undefined ? {} : { owner: idsOf(owner) }),
    })),
    absent,
    links: targets.map(([path, target]) => ({ path, target })),
    at: { file: located.source.filename, range: description.keyRangeOf(["image", key]) },
  };
}

/** What the image's history says of it. */
export function contentSummary({ dirs, absent, links }: ContentPlan): string {
  const paths = [...dirs.map(({ path }) => path), ...absent];
  return [
    ...(paths.length === 0 ? [] : [`directories: ${paths.join(", ")}`]),
    ...(links.length === 0 ? [] : [`links: ${links.map(({ path }) => path).join(", ")}`]),
  ].join("; ");
}
