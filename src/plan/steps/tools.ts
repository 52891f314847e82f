// The C compilers as a step of its own, of which nothing of any project is in the key: the distribution's image by its
// digest, and names of packages.
import { NO_CXX, PKG_CONFIG } from "../c-tools.ts";
import { unpacksFips } from "../flags.ts";
import { stepName } from "../labels.ts";
import { PATHS } from "../paths.ts";
import type { Tree } from "../step.ts";
import type { ResolvedImage } from "../resolved.ts";
import type { CToolsPlan, Place, VariantPlan } from "../types.ts";
import { addStepImage } from "./generators.ts";
import { networkOf } from "./modules.ts";
import { environment, inlineFiles, isUncached, readOnly, type Site, variableOf } from "./site.ts";
import { GOROOT } from "./toolchain.ts";

/**
 * Root filesystem of the steps that compile for a platform: the Go toolchain with what its settings take of it, and with
 * cgo the C tools below. Absent: the toolchain with no more than all take.
 */
export function compileRoot(site: Site, variant: VariantPlan): { readonly on?: Tree | undefined } {
  const { id, cTools } = variant;
  const parts = { cover: variant.cover !== undefined, fips: unpacksFips(variant) };
  const { slim, full } = site.toolchain;
  const toolchain = site.toolchain.with(parts);
  if (cTools === undefined) return toolchain.step === slim.step ? {} : { on: toolchain };
  const tools = addTools(site, id, cTools);
  const step = {
    id: stepName("root", id, parts.cover ? "coverage" : "", parts.fips ? "FIPS modules" : ""),
    title: "[internal] C tools with the Go toolchain",
    exported: false,
  } as const;
  // Of an image that is not laid out as the golang images are, everything but Go would hide the tools.
  const on =
    site.abilities.merge && slim.step !== full.step
      ? site.add({ kind: "merge", ...step, trees: [tools, toolchain] })
      : site.add({
          kind: "files",
          ...step,
          on: tools,
          actions: [
            {
              kind: "copy",
              from: toolchain,
              source: GOROOT,
              dest: GOROOT,
              contents: true,
              parents: true,
              times: "epoch",
            },
          ],
        });
  return { on };
}

const SCRIPT = "/script";

/**
 * The compilers, which all services of a platform share, and what a service needs besides, which is installed on top of
 * them.
 */
function addTools(site: Site, platform: string, tools: CToolsPlan): Tree {
  const { image, compilers, libraries, foreign } = tools;
  const found = site.resolved.stepImages?.[image] ?? { reference: image, config: {} };
  const install = (
    name: string,
    on: Tree,
    ...args: readonly [foreign: string, ...packages: readonly string[]]
  ): Tree => addInstall(site, { id: `tools ${name}`, at: tools.at, on, args, image: found });
  const compiling = install(platform, addStepImage(site, found), "", ...compilers);
  return libraries.length === 0
    ? compiling
    : install(`${platform} libraries`, compiling, foreign ?? "", ...libraries);
}

interface Install {
  readonly id: string;
  readonly at: Place;
  readonly on: Tree;
  readonly args: readonly string[];
  readonly image: ResolvedImage;
}

function addInstall(site: Site, { id, at, on, args, image }: Install): Tree {
  const { plan, resolved, add } = site;
  const script = add({
    kind: "files",
    id: "tools script",
    title: "[internal] how C tools are installed",
    actions: inlineFiles([{ path: "install", text: INSTALL }]),
  });
  return add({
    kind: "run",
    id,
    title: `[${id}] apt-get install ${args.slice(1).join(" ")}`,
    at,
    on,
    platform: plan.buildPlatform,
    argv: ["/bin/sh", `${SCRIPT}/install`, ...args],
    env: environment([
      ...(image.config.config?.Env ?? []).map(variableOf),
      ["DEBIAN_FRONTEND", "noninteractive"],
      ["LC_ALL", "C"],
    ]),
    dir: "/",
    mounts: [{ kind: "memory", at: "/tmp" }, readOnly(SCRIPT, script)],
    rootfs: "writable",
    ...networkOf(resolved.settings),
    ...(isUncached(resolved.settings.noCache, "tools", plan.service.name) ? { uncached: true } : {}),
  });
}

/**
 * Arguments: the foreign architecture or nothing, then the packages. What differs from one run to the next is removed:
 * lists, logs, caches. The packages with their versions are printed, and stand in a file; another file names all that
 * was installed by its content, for the keys of what is compiled with it (helper/c_tools.go).
 */
const INSTALL = `set -eu
foreign=$1
shift
if [ -n "$foreign" ]; then dpkg --add-architecture "$foreign"; fi
apt-get -qq -o Acquire::Retries=3 update --error-on=any
apt-get -qq -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io --no-install-recommends install "$@"
mkdir -p /usr/local/bin ${PATHS.cTools}
printf '#!/bin/sh\\nexec pkg-config --static "$@"\\n' >${PKG_CONFIG}
printf '#!/bin/sh\\necho "${NO_CXX}: Debian has no C++ library for musl: write libc: glibc" >&2\\nexit 1\\n' >${NO_CXX}
chmod 755 ${PKG_CONFIG} ${NO_CXX}
find /usr/share/doc -type f ! -name copyright -delete
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/* /var/cache/debconf/*-old /var/log/* /usr/share/man/* \\
  /usr/share/info/* /usr/share/locale/* /usr/share/lintian /var/lib/dpkg/*-old /usr/bin/*lto-dump*
dpkg-query -W -f '\${binary:Package} \${Version}\\n' >${PATHS.cTools}/packages
cat /var/lib/dpkg/info/*.md5sums ${PATHS.cTools}/packages | sha256sum | cut -c1-32 >${PATHS.cTools}/sum
cat ${PATHS.cTools}/packages
`;
