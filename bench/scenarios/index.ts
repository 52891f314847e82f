import { subjects, type SubjectName } from "../subjects/index.ts";
import type { Scenario } from "../types.ts";
import { cgo } from "./cgo.ts";
import { cold, coldWithoutExport } from "./cold.ts";
import { aged, bump, editLeaf, editMain, newImport } from "./fresh.ts";
import { contextTransfer, monorepoScenario } from "./monorepo.ts";
import { pgo } from "./pgo.ts";
import { platforms } from "./platforms.ts";
import { unchangedFresh, unchangedWarm } from "./unchanged.ts";
import { ordersWarm, warm } from "./warm.ts";

/** A scenario that the command line can name, with the subjects it needs. */
export interface Entry {
  readonly name: string;
  readonly subjects: readonly SubjectName[];
  readonly scenario: Scenario;
}

const { svc, coredns, monorepo, orders, visits } = subjects;
const firstParty = subjects["first-party"];

/** All scenarios, in the order in which they are worth their time. */
export const entries: readonly Entry[] = [
  { name: "1", subjects: ["svc"], scenario: cold(svc) },
  { name: "3", subjects: ["svc"], scenario: editMain(svc) },
  { name: "2", subjects: ["svc"], scenario: unchangedFresh(svc) },
  { name: "7", subjects: ["svc"], scenario: aged(svc) },
  { name: "8", subjects: ["svc"], scenario: warm(svc) },
  { name: "13", subjects: ["svc"], scenario: unchangedWarm(svc) },
  { name: "10", subjects: ["monorepo"], scenario: monorepoScenario(monorepo) },
  { name: "11", subjects: ["monorepo"], scenario: contextTransfer(monorepo) },
  { name: "1:no-export", subjects: ["svc"], scenario: coldWithoutExport(svc) },
  { name: "5", subjects: ["svc"], scenario: bump(svc) },
  { name: "6", subjects: ["svc"], scenario: newImport(svc) },
  { name: "9", subjects: ["svc"], scenario: platforms(svc) },
  { name: "12", subjects: ["svc"], scenario: pgo(svc) },
  { name: "4", subjects: ["svc"], scenario: editLeaf(svc) },
  { name: "cgo", subjects: ["visits"], scenario: cgo(visits) },
  { name: "orders", subjects: ["orders"], scenario: ordersWarm(orders) },
  // The same on a service with few dependencies: to see in minutes whether everything works.
  { name: "1:orders", subjects: ["orders"], scenario: cold(orders) },
  { name: "2:orders", subjects: ["orders"], scenario: unchangedFresh(orders) },
  { name: "3:orders", subjects: ["orders"], scenario: editMain(orders) },
  { name: "7:orders", subjects: ["orders"], scenario: aged(orders) },
  { name: "8:orders", subjects: ["orders"], scenario: warm(orders) },
  { name: "9:orders", subjects: ["orders"], scenario: platforms(orders) },
  { name: "13:orders", subjects: ["orders"], scenario: unchangedWarm(orders) },
  { name: "3:coredns", subjects: ["coredns"], scenario: editMain(coredns) },
  { name: "4:first-party", subjects: ["first-party"], scenario: editLeaf(firstParty) },
  { name: "8:first-party", subjects: ["first-party"], scenario: warm(firstParty) },
];
