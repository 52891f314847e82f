// The cheap half of docs/faults.md; `npm run faults` tries all of it and writes its table.
import { afterAll, beforeAll, describe, inject, test } from "vitest";
import { faults } from "../faults/faults.ts";
import { isAsBefore, type Place, placeOf } from "../faults/place.ts";
import { pinnedFrontend, scratchDir } from "./support/clients.ts";

const rig = inject("rig");
const work = scratchDir();
let place: Place;

beforeAll(async () => {
  place = await placeOf(rig, pinnedFrontend(rig, inject("frontend")), work.path);
});
afterAll(() => work.remove());

describe.each(faults.filter(({ long }) => long !== true))("$where: $name", (fault) => {
  test("comes to what is promised, leaves nothing, and the next build is right", async () => {
    await fault.try(place, false);
    await isAsBefore(place);
  });
});
