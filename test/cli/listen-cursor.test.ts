import { describe, expect, test } from "vitest";
import { LISTEN_OVERLAP_MS } from "../../src/cli/listen-constants.ts";
import { Cursor } from "../../src/cli/listen-cursor.ts";
import { firstIdAt, timeOfId } from "../../src/ids.ts";

const NOW = Date.UTC(2026, 10, 21, 9);
const at = (seconds: number) => firstIdAt("event", NOW + seconds * 1000);
const fresh = () => new Cursor({ cursor: null, floor: null });

test("an id says when it was made", () => {
  expect(timeOfId("event", at(7))).toBe(NOW + 7000);
  expect(timeOfId("event", "evt_")).toBe(0);
});

describe("the cursor", () => {
  test("gives what is new, the oldest first, once", () => {
    const cursor = fresh();
    expect(cursor.found([at(3), at(1), at(2)])).toEqual([at(1), at(2), at(3)]);
    expect(cursor.found([at(4), at(3), at(2)])).toEqual([at(4)]);
  });

  test("knows what it has found, what it has taken, and what is of no interest", () => {
    const cursor = new Cursor({ cursor: at(1), floor: at(1) });
    cursor.found([at(2), at(3)]);
    cursor.took(at(2));
    expect([0, 1, 2, 3, 4].map((s) => cursor.knows(at(s)))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  test("stands before the first event that was not taken", () => {
    const cursor = fresh();
    cursor.found([at(1), at(2), at(3)]);
    cursor.took(at(3));
    expect(cursor.position.cursor).toBeNull();
    cursor.took(at(1));
    expect(cursor.position.cursor).toBe(at(1));
    cursor.took(at(2));
    expect(cursor.position.cursor).toBe(at(3));
  });

  test("looks back by the overlap, and takes what appears late without going back", () => {
    const cursor = fresh();
    cursor.found([at(100)]);
    cursor.took(at(100));
    expect(cursor.since).toBe(NOW + 100_000 - LISTEN_OVERLAP_MS);
    expect(cursor.found([at(50), at(100)])).toEqual([at(50)]);
    cursor.took(at(50));
    expect(cursor.position.cursor).toBe(at(100));
    expect(cursor.found([at(50), at(100)])).toEqual([]);
  });

  test("leaves what is behind its floor, also after a restart", () => {
    const first = new Cursor({ cursor: at(10), floor: at(10) });
    expect(first.found([at(9), at(10), at(11)])).toEqual([at(11)]);
    first.took(at(11));
    const second = new Cursor(first.position);
    expect(second.since).toBe(NOW + 11_000 - LISTEN_OVERLAP_MS);
    // What it has taken within the overlap is asked for again: the server knows.
    expect(second.found([at(9), at(10), at(11), at(12)])).toEqual([at(11), at(12)]);
  });

  test("forgets what it does not look at any more, and takes a long backlog", () => {
    const cursor = fresh();
    const ids = Array.from({ length: 20_000 }, (_, i) => at(i));
    for (const id of cursor.found(ids)) cursor.took(id);
    expect(cursor.position.cursor).toBe(ids.at(-1));
  });
});
