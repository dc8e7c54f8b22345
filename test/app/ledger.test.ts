import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/context.ts";
import { openEvents } from "../../src/db/client.ts";
import { newId } from "../../src/ids.ts";
import { MAX_LEDGER_BYTES, MAX_LEDGER_EVENTS } from "../../src/ledger/constants.ts";
import { loadMessages } from "../../src/ledger/load-messages.ts";
import { readLedger } from "../../src/ledger/read-ledger.ts";
import type { Ledger } from "../../src/ledger/schemas.ts";
import messages from "../sms/messages.json";
import {
  bindings,
  call,
  control,
  fetchApp,
  insertEvent,
  makeTenant,
  shard,
  type Tenant,
  wrongFields,
} from "./support.ts";

type Sample = (typeof messages)[number] & { text: string; receivedAt: string };
const sample = (id: string): Sample => messages.find((one) => one.id === id) as Sample;
const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text));
const JSON_TYPE = "application/json";
const FEBRUARY = "from=2026-02-01T00:00:00%2B09:00&to=2026-03-01T00:00:00%2B09:00";

let tenant: Tenant;
let phone: string;
beforeAll(async () => {
  tenant = await makeTenant("ledger");
  phone = await makeSource(tenant, "ledger-phone");
});

async function makeSource(owner: Tenant, slug: string, preset = "phone"): Promise<string> {
  return String((await call(owner, "POST", "/sources", { slug, preset })).json.id);
}

/** Stores a message as a phone's event. */
function store(
  text: string,
  at: string | number,
  more: Parameters<typeof insertEvent>[1] = {},
  owner = tenant,
) {
  return insertEvent(owner, {
    sourceId: phone,
    contentType: JSON_TYPE,
    body: bytes(JSON.stringify({ message: text })),
    receivedAt: typeof at === "number" ? at : Date.parse(at),
    ...more,
  });
}
const storeSample = (id: string, more: Parameters<typeof insertEvent>[1] = {}, owner = tenant) =>
  store(sample(id).text, sample(id).receivedAt, more, owner);

async function ledger(query: string, owner = tenant): Promise<Ledger> {
  const { status, json, text } = await call(owner, "GET", `/sms/ledger?${query}`);
  expect([status, text]).toEqual([200, text]);
  return json as unknown as Ledger;
}

describe("entries", () => {
  let owner: Tenant;
  const ids = new Map<string, string>();
  beforeAll(async () => {
    owner = await makeTenant("ledger-entries");
    for (const { id, category } of messages) {
      if (category === "transport") continue;
      ids.set(id, await storeSample(id, {}, owner));
    }
  });

  it("are every card alert of the samples, newest first, and nothing else", async () => {
    const cards = messages.filter(({ expected }) => "kind" in expected && expected.kind === "card");
    const { entries } = await ledger(FEBRUARY, owner);
    const shown = new Map(entries.map((entry) => [entry.eventId, entry]));
    expect(shown.size).toBe(cards.length);
    for (const { id, expected } of cards as unknown as {
      id: string;
      expected: Record<string, unknown>;
    }[]) {
      expect(shown.get(ids.get(id) ?? "")).toEqual({
        occurredAt: expected.occurredAt,
        receivedAt: new Date(sample(id).receivedAt).toISOString(),
        card: { issuer: expected.issuer, id: expected.cardId },
        holder: expected.holder,
        merchant: expected.merchant,
        amount: expected.amount,
        currency: expected.currency,
        event: expected.event,
        installmentMonths: expected.installmentMonths,
        balance: expected.balance,
        cumulative: expected.cumulative,
        eventId: ids.get(id),
        possibleDuplicateOf: null,
      });
    }
    const times = entries.map(({ occurredAt }) => Date.parse(occurredAt ?? ""));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it.each([
    ["1234", ["신한카드"]],
    ["8*1*", ["롯데카드"]],
    ["토스", ["토스뱅크"]],
    ["nobody", []],
  ])("of the card %s only", async (card, issuers) => {
    const { entries, totals } = await ledger(`${FEBRUARY}&card=${encodeURIComponent(card)}`, owner);
    expect([...new Set(entries.map((entry) => entry.card.issuer))]).toEqual(issuers);
    expect(totals.every((total) => issuers.includes(total.card.issuer ?? ""))).toBe(true);
  });

  it("are added up per card, month and currency: cancelled is taken off, declined not counted", async () => {
    const { totals } = await ledger(`${FEBRUARY}&card=1234`, owner);
    expect(totals).toEqual([
      {
        card: { issuer: "신한카드", id: "1234" },
        month: "2026-02",
        currency: "USD",
        amount: "23.99",
        approved: "23.99",
        cancelled: "0",
        count: 1,
        balance: null,
        cumulative: null,
      },
      {
        card: { issuer: "신한카드", id: "1234" },
        month: "2026-02",
        currency: "KRW",
        amount: 10_000,
        approved: 22_000,
        cancelled: 12_000,
        count: 3,
        balance: null,
        cumulative: 356_500,
      },
    ]);
  });
});

describe("a message is read however it came", () => {
  const TEXT = sample("c10").text;
  const FROM = "from=2030-01-01T00:00:00Z&to=2030-02-01T00:00:00Z";
  const at = (day: number) => Date.UTC(2030, 0, day);

  it("broken JSON, a form, the query of a GET; what failed verification is left out", async () => {
    const owner = await makeTenant("ledger-forms");
    const ours = await makeSource(owner, "ledger-forms");
    const other = await makeSource(owner, "ledger-other", "generic");
    const form = { contentType: "application/x-www-form-urlencoded", sourceId: ours };
    const query = `message=${encodeURIComponent(TEXT)}`;
    const kept = [
      await store(
        "",
        at(1),
        { body: bytes(`{"message":"${TEXT}\n","from":"1"}`), sourceId: ours },
        owner,
      ),
      await store("", at(2), { body: bytes(query), ...form }, owner),
      await store("", at(3), { body: null, query, sourceId: ours }, owner),
      await store(TEXT, at(4), { sourceId: other, status: "muted" }, owner),
    ];
    await store(TEXT, at(5), { sourceId: ours, status: "rejected" }, owner);
    await store("", at(6), { body: null, query, sourceId: other }, owner);
    const { entries } = await ledger(FROM, owner);
    expect(entries.map(({ eventId }) => eventId).toSorted()).toEqual(kept.toSorted());
    const one = await ledger(`${FROM}&sourceId=${other}`, owner);
    expect(one.entries.map(({ eventId }) => eventId)).toEqual([kept[3]]);
  });

  it("an alert that came twice within ten minutes is marked, and counted twice", async () => {
    const owner = await makeTenant("ledger-twice");
    const first = await store(TEXT, at(1), {}, owner);
    const second = await store(`${TEXT} `, at(1) + 9 * 60_000, {}, owner);
    const third = await store(TEXT, at(1) + 20 * 60_000, {}, owner);
    const { entries, totals } = await ledger(FROM, owner);
    const marks = new Map(entries.map((entry) => [entry.eventId, entry.possibleDuplicateOf]));
    expect([marks.get(first), marks.get(second), marks.get(third)]).toEqual([null, first, null]);
    expect(totals).toMatchObject([{ count: 3, amount: 59_700, balance: 1_050_001 }]);
  });

  it("sums decimals exactly, in each currency by itself, also below zero", async () => {
    const owner = await makeTenant("ledger-decimals");
    const spend = (amount: string, verb = "승인") =>
      `신한카드 해외${verb}(1234) 홍*동 ${amount} 01/01 03:21 OPENAI`;
    await store(spend("USD 0.10"), at(1), {}, owner);
    await store(spend("USD 0.20"), at(1), {}, owner);
    await store(spend("USD 1,234.5"), at(1), {}, owner);
    await store(spend("JPY 300"), at(1), {}, owner);
    await store(spend("JPY 1000", "승인취소"), at(1), {}, owner);
    const { totals } = await ledger(FROM, owner);
    const shown = new Map(totals.map(({ currency, amount, count }) => [currency, [amount, count]]));
    expect(Object.fromEntries(shown)).toEqual({ JPY: ["-700", 2], USD: ["1234.80", 3] });
  });
});

describe("the time asked for", () => {
  it("is this month in Seoul, when nothing is said", async () => {
    const owner = await makeTenant("ledger-now");
    const text = "신한카드(1234)승인 홍*동 12,000원 스타벅스강남점";
    const id = await store(text, Date.now(), {}, owner);
    const { from, to, entries, totals } = await ledger("", owner);
    expect(entries.map(({ eventId }) => eventId)).toEqual([id]);
    expect([new Date(Date.parse(from) + 9 * 3_600_000).toISOString().slice(8), to]).toEqual([
      "01T00:00:00.000Z",
      null,
    ]);
    expect(totals[0]?.month).toBe(new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 7));
  });

  it("begins with the month of `to`, when only that is said", async () => {
    expect((await ledger("to=2026-02-28T15:00:00Z")).from).toBe("2026-01-31T15:00:00.000Z");
    expect((await ledger("to=2026-02-28T15:00:00.001Z")).from).toBe("2026-02-28T15:00:00.000Z");
  });

  it("is of the arrival, while a total's month is the payment's", async () => {
    const owner = await makeTenant("ledger-late");
    await store(
      "신한카드(1234)승인 홍*동 1,000원 01/31 23:59 편의점",
      "2026-02-01T00:00:05+09:00",
      {},
      owner,
    );
    expect((await ledger(FEBRUARY, owner)).totals).toMatchObject([{ month: "2026-01", count: 1 }]);
  });

  it.each([
    ["from=yesterday", ["from"]],
    ["to=2026-02-30", ["to"]],
    ["from=2026-02-02T00:00:00Z&to=2026-02-02T00:00:00Z", ["from"]],
    ["sourceId=evt_1", ["sourceId"]],
    ["card=", ["card"]],
    [`card=${"1".repeat(101)}`, ["card"]],
    ["month=2026-02", ["month"]],
  ])("%s is 400 and says what is wrong", async (query, fields) => {
    const answer = await call(tenant, "GET", `/sms/ledger?${query}`);
    expect([answer.status, wrongFields(answer)]).toEqual([400, fields]);
  });
});

it("no organization sees another's, by its source neither", async () => {
  const stranger = await makeTenant("ledger-stranger");
  const own = await storeSample("c01");
  expect((await ledger(FEBRUARY)).entries.map(({ eventId }) => eventId)).toContain(own);
  for (const query of [FEBRUARY, `${FEBRUARY}&sourceId=${phone}`]) {
    expect((await ledger(query, stranger)).entries).toEqual([]);
  }
});

describe("as CSV", () => {
  const csv = (query: string, owner = tenant, accept = "text/csv") =>
    call(owner, "GET", `/sms/ledger?${query}`, undefined, { accept });

  it("has a byte order mark, a head, and Seoul's clock", async () => {
    const owner = await makeTenant("ledger-csv");
    const id = await storeSample("c01", {}, owner);
    const answer = await csv(FEBRUARY, owner);
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(answer.headers.get("content-disposition")).toContain("ledger.csv");
    // `text()` has taken the mark away.
    expect(answer.text).toBe(
      [
        "occurredAt,receivedAt,issuer,card,holder,merchant,amount,currency,event,installmentMonths,balance,cumulative,eventId,possibleDuplicateOf",
        `2026-02-12 12:34:00,2026-02-12 12:34:00,신한카드,1234,홍*동,스타벅스강남점,12000,KRW,approved,0,,345600,${id},`,
        "",
      ].join("\r\n"),
    );
    const raw = await csvBytes(owner);
    expect([...raw.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  });

  async function csvBytes(owner: Tenant): Promise<Uint8Array> {
    const response = await fetchApp(`/api/v1/sms/ledger?${FEBRUARY}`, {
      headers: { authorization: `Bearer ${owner.key}`, accept: "text/csv" },
    });
    return new Uint8Array(await response.arrayBuffer());
  }

  it("runs no formula of a merchant, and keeps commas and quotes in their cell", async () => {
    const owner = await makeTenant("ledger-formula");
    for (const [i, merchant] of [
      '=HYPERLINK("http://x")',
      "+1",
      "@SUM(A1)",
      'A "B", C',
    ].entries()) {
      const text = `[Web발신]\n신한카드(1234)승인\n홍*동\n1${i},000원 일시불\n02/12 12:34\n${merchant}`;
      await store(text, "2026-02-12T12:34:00+09:00", {}, owner);
    }
    const { entries } = await ledger(FEBRUARY, owner);
    const { text } = await csv(FEBRUARY, owner);
    expect(entries.map(({ merchant }) => merchant)).toContain('A "B", C');
    expect(text).toContain(',"A ""B"", C",');
    expect(text).not.toMatch(/,"?[=+@]/);
    expect(text).toContain("'=HYPERLINK");
  });

  it("only for whom it is wanted", async () => {
    for (const accept of [
      "*/*",
      "application/json",
      "text/csv;q=0.5, application/json",
      "text/html",
    ]) {
      const { headers } = await csv(FEBRUARY, tenant, accept);
      expect([accept, headers.get("content-type")]).toEqual([accept, "application/json"]);
    }
    const { headers } = await csv(FEBRUARY, tenant, "text/html, text/csv;q=0.9, */*;q=0.1");
    expect([headers.get("content-type"), headers.get("vary")]).toEqual([
      "text/csv; charset=utf-8",
      "accept",
    ]);
  });
});

it("long queries count as what is read: one that holds more ends where 8 MiB end", async () => {
  const owner = await makeTenant("ledger-queries");
  const at = Date.UTC(2031, 0, 1);
  const first = newId("event", at, 0);
  await bindings.EVENTS_0.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 599)
     INSERT INTO events (id, organization_id, source_id, sender_name, received_at, hops, status, method, host, path,
       query, headers, size, sha256)
     SELECT substr(?, 1, 24) || printf('%06d', i), ?, 'src_none', 'x', ? + i, 0, 'routed', 'GET', 'h', '/',
       hex(zeroblob(8000)), '[]', 0, '' FROM n`,
  )
    .bind(first, owner.organizationId, at)
    .run();
  const ctx = { db: control, shards: [shard], organizationId: owner.organizationId } as Context;
  const { messages: read, since } = await loadMessages(ctx, { from: at - 1, to: at + 1000 });
  expect(read.length).toBe(Math.floor(MAX_LEDGER_BYTES / 16_000));
  expect(since).toBe(at + 600 - read.length);
  expect(read.every(({ query }) => query.length === 16_000)).toBe(true);
});

it("over several shards it is one ledger; beyond its limit it says since when it is complete", async () => {
  const owner = await makeTenant("ledger-shards");
  // The control database plays a second shard.
  const migrations = (env as unknown as { EVENTS_MIGRATIONS: D1Migration[] }).EVENTS_MIGRATIONS;
  await applyD1Migrations(bindings.DB, migrations);
  const shards = [shard, openEvents(bindings.DB)];
  const at = Date.UTC(2026, 1, 12);
  const text = "신한카드(1234)승인 홍*동 1,000원 02/12 09:00 편의점";
  for (const [i, number] of [0, 1, 0, 1].entries()) {
    const receivedAt = at + i * 1000;
    const id = newId("event", receivedAt, number);
    await insertEvent(
      owner,
      { id, receivedAt, contentType: JSON_TYPE, body: bytes(JSON.stringify({ message: text })) },
      shards[number],
    );
  }
  const ctx = { db: control, shards, organizationId: owner.organizationId } as Context;
  const whole = await readLedger(ctx, { from: at, to: at + 10_000 });
  expect([whole.entries.length, whole.truncated, whole.since]).toEqual([4, false, null]);
  expect(whole.totals).toMatchObject([{ amount: 4000, count: 4 }]);

  // Made by one statement: small bodies that hold no alert, newer than the others.
  const first = newId("event", at + 5000, 0);
  await bindings.EVENTS_0.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO events (id, organization_id, source_id, sender_name, received_at, hops, status, method, host, path,
       query, headers, size, sha256, body)
     SELECT substr(?, 1, 24) || printf('%06d', i), ?, 'src_none', 'x', ?, 0, 'routed', 'POST', 'h', '/', '', '[]', 2, '', x'6869' FROM n`,
  )
    .bind(MAX_LEDGER_EVENTS - 2, first, owner.organizationId, at + 5000)
    .run();
  const cut = await readLedger(ctx, { from: at, to: at + 10_000 });
  expect([cut.truncated, cut.entries.length, cut.since]).toEqual([
    true,
    1,
    new Date(at + 3000).toISOString(),
  ]);
});
