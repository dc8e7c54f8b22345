import { describe, expect, it } from "vitest";
import { type Counted, mergeCounts } from "../../src/senders/merge-counts.ts";
import { CreateSender } from "../../src/senders/schemas.ts";
import { suggestSender } from "../../src/senders/suggest-sender.ts";

describe("a suggestion can be posted as it is", () => {
  it.each<[string, string | null, { ips?: string[]; userAgent?: string }]>([
    ["okhttp/4.9 @ 192.0.2.7", "192.0.2.7", { ips: ["192.0.2.7"], userAgent: "okhttp/4.9" }],
    ["unknown @ 2001:db8::1", "2001:db8::1", { ips: ["2001:db8::1"] }],
    ["a @ b @ unknown", null, { userAgent: "a @ b" }],
    [
      `${"x".repeat(198)} @`.slice(0, 200),
      "192.0.2.7",
      { ips: ["192.0.2.7"], userAgent: "x".repeat(198) },
    ],
    ["tab\there @ 192.0.2.7", "192.0.2.7", { ips: ["192.0.2.7"], userAgent: "tab" }],
    [`${"가".repeat(200)}`, "192.0.2.7", { ips: ["192.0.2.7"], userAgent: "가".repeat(200) }],
    [`${"a".repeat(99)}😀 @ 192.0.2.7`, "192.0.2.7", { userAgent: `${"a".repeat(99)}😀` }],
  ])("%j", (name, ip, match) => {
    const suggestion = suggestSender({ name, ip });
    expect(suggestion).toMatchObject({ match });
    expect(CreateSender.safeParse(suggestion).error?.issues).toBeUndefined();
  });

  it("there is none for who shows neither address nor user agent", () => {
    expect(suggestSender({ name: "unknown @ unknown", ip: null })).toBeNull();
  });
});

it("counts have a line for everybody, also for who did not call and who is gone", () => {
  const row = (more: Partial<Counted>): Counted => ({
    senderId: null,
    name: "curl @ 192.0.2.1",
    identifiedBy: null,
    ip: "192.0.2.1",
    events: 1,
    muted: 0,
    rejected: 0,
    lastAt: 1000,
    ...more,
  });
  const counts = mergeCounts(
    [
      { id: "snd_new", name: "renamed", state: "muted" },
      { id: "snd_quiet", name: "quiet", state: "active" },
      { id: "snd_stopped", name: "stopped", state: "blocked" },
    ],
    [
      row({ senderId: "snd_new", name: "before", identifiedBy: "key", events: 3, muted: 2 }),
      row({ senderId: "snd_gone", name: "gone", identifiedBy: "match" }),
      row({ name: "github: hookshot", identifiedBy: "signature", events: 2 }),
      row({ events: 9, rejected: 1 }),
    ],
    [{ senderId: "snd_stopped", count: 50, lastAt: 9000 }],
  );
  expect(counts.map(({ sender }) => sender.name)).toEqual([
    "curl @ 192.0.2.1",
    "renamed",
    "github: hookshot",
    "gone",
    "stopped",
    "quiet",
  ]);
  expect(counts).toMatchObject([
    { events: 9, rejected: 1, state: null, suggestion: { match: { ips: ["192.0.2.1"] } } },
    { events: 3, muted: 2, state: "muted", sender: { id: "snd_new" }, suggestion: null },
    { events: 2, sender: { id: null, identifiedBy: "signature" }, suggestion: null },
    { events: 1, state: null, sender: { id: "snd_gone" } },
    { events: 0, blocked: 50, state: "blocked", lastAt: "1970-01-01T00:00:09.000Z" },
    { events: 0, blocked: 0, lastAt: null, sender: { identifiedBy: null } },
  ]);
});
