// Sequences that once ended in a wrong executable, or in work done twice, as small as they could be made.
import { plainProject, type Project } from "./project.ts";
import { plainStep, type Sequence, type Step } from "./sequence.ts";

const step = (part: Partial<Step>): Step => ({ ...plainStep, ...part });
const project = (part: Partial<Project>): Project => ({ ...plainProject, ...part });

/** By what a person calls them. */
export const knownSequences = {
  "a header of another folder is edited": {
    tenants: [plainProject],
    steps: [step({}), step({ edit: { header: 102 } })],
  },
  "another tenant's header says something else": {
    tenants: [plainProject, project({ header: 104 })],
    steps: [step({ tenant: 1 }), step({})],
  },
  "a changed header is built in one namespace, what it was before in two": {
    tenants: [project({ header: 104 })],
    steps: [
      step({ namespace: "pr" }),
      step({ namespace: "pr", edit: { header: 101 } }),
      step({ namespace: "release" }),
    ],
  },
  "a header is edited in a service of many packages, whose layers outlive the mounts": {
    tenants: [project({ packages: 101 })],
    steps: [
      step({}),
      step({ edit: { header: 102 } }),
      step({ before: "mounts are pruned", edit: { main: 102 } }),
    ],
  },
  "a header of a workspace's module is edited": {
    tenants: [project({ layout: "workspace" })],
    steps: [step({}), step({ edit: { libHeader: 102 } })],
  },
  "a line becomes a comment of the same length": {
    tenants: [project({ assembly: "absent", debug: "set" })],
    steps: [step({ context: "git" }), step({ context: "git", edit: { debug: "comment" } })],
  },
  "a package moves to a folder whose name has the same length": {
    tenants: [project({ assembly: "near" })],
    steps: [step({ context: "archive" }), step({ context: "archive", edit: { folder: "a2" } })],
  },
  "a C header of another folder is edited, and one comes to be": {
    tenants: [project({ assembly: "absent", cgo: 101 })],
    steps: [step({}), step({ edit: { cHeader: 102 } }), step({ edit: { cHeader: 103 } })],
  },
  "another tenant's C header says something else": {
    tenants: [
      project({ assembly: "absent", cgo: 101 }),
      project({ assembly: "absent", cgo: 101, cHeader: 104 }),
    ],
    steps: [step({ tenant: 1 }), step({}), step({ tenant: 1, edit: { main: 102 } })],
  },
  "a header is edited that C++ of another package includes": {
    tenants: [project({ assembly: "absent", cgo: 101, cxx: 101 })],
    steps: [step({}), step({ edit: { cgo: 102 } }), step({ edit: { cxx: 102 } })],
  },
  "C of another module includes a header that another version changes": {
    tenants: [project({ assembly: "absent", cgo: 101 })],
    steps: [step({}), step({ edit: { lib: 1 } }), step({ edit: { lib: 0, main: 102 } })],
  },
  "a package of the system comes to be, and goes": {
    tenants: [project({ assembly: "absent", cgo: 101, debian: "zlib1g-dev" })],
    steps: [
      step({}),
      step({ edit: { debian: "zlib1g-dev, liblzf-dev" } }),
      step({ edit: { debian: "zlib1g-dev", main: 102 } }),
    ],
  },
  "the compiler of a module is killed": {
    tenants: [project({ heavy: 1 })],
    steps: [step({ during: "the compiler of a module is killed" }), step({ edit: { main: 102 } })],
  },
} as const satisfies Readonly<Record<string, Sequence>>;
