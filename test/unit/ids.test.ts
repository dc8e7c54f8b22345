import { expect, it } from "vitest";
import { firstIdAt, isId, newId, shardOf } from "../../src/ids.ts";

const NOW = Date.UTC(2026, 10, 21);

it("ids are TypeIDs that sort by time", () => {
  const ids = [NOW, NOW + 1, NOW + 2].map((time) => newId("event", time));
  expect(ids[0]).toMatch(/^evt_[0-9a-hjkmnp-tv-z]{26}$/);
  expect(ids.toSorted()).toEqual(ids);
});

it.each([0, 1, 255, 256, 4095])("shard %i stands in the id", (shard) => {
  expect(shardOf("event", newId("event", NOW, shard))).toBe(shard);
  expect(shardOf("delivery", newId("delivery", NOW, shard))).toBe(shard);
});

it("the first id at a time is the lower bound of all ids made then, in any shard", () => {
  const bound = firstIdAt("event", NOW);
  for (const shard of [0, 4095]) {
    expect(newId("event", NOW, shard) >= bound).toBe(true);
    expect(newId("event", NOW - 1, shard) < bound).toBe(true);
  }
});

it.each([
  "",
  "evt_",
  "evt_x",
  "dlv_01h455vb4pex5vsknk084sn02q",
  "evt_01h455vb4pex5vsknk084sn02q ",
  "evt_8zzzzzzzzzzzzzzzzzzzzzzzzz",
  "01h455vb4pex5vsknk084sn02q",
])("%j is no event id", (text) => {
  expect(isId("event", text)).toBe(false);
  expect(shardOf("event", text)).toBeNull();
});
