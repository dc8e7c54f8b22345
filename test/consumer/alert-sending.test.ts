import { beforeEach, describe, expect, it } from "vitest";
import { seal } from "../../src/sealing.ts";
import {
  addAlerts,
  alerts,
  failFiveTimes,
  health,
  makeDue,
  resetHealth,
  tell,
} from "./health-support.ts";
import { consumerEnv, makeDestination, received } from "./support.ts";

const { DB } = consumerEnv;

beforeEach(resetHealth);

/** Another organization, which is not the operator's, with a destination of its own. */
async function makeOther(id = "org_other", behaviour = "ok") {
  await DB.prepare(
    "INSERT OR IGNORE INTO organizations (id, name, is_operator, created_at) VALUES (?, 'Other', 0, 0)",
  )
    .bind(id)
    .run();
  return makeDestinationOf(id, behaviour);
}

async function makeDestinationOf(organizationId: string, behaviour = "ok") {
  const made = await makeDestination(behaviour);
  await DB.prepare("UPDATE destinations SET organization_id = ? WHERE id = ?")
    .bind(organizationId, made.id)
    .run();
  return made;
}

describe("an alert that did not arrive", () => {
  async function alarm(behaviour: string) {
    const bell = await makeDestination(behaviour);
    await tell(bell.id);
    const broken = await makeDestination();
    await failFiveTimes(broken.id);
    await health();
    return bell;
  }

  it("comes again until it does, with one webhook-id", async () => {
    const bell = await alarm("status/503");
    expect(await alerts()).toMatchObject([
      { status: "pending", reason: "http_status", attempt: 1 },
    ]);
    expect(await health()).toMatchObject({ alertsSent: 0 });
    await makeDue();
    await health();
    const ids = (await received(bell.key)).map(
      ({ headers }) => headers.find(([name]) => name.toLowerCase() === "webhook-id")?.[1],
    );
    const [alert] = await alerts();
    expect(ids).toEqual([alert?.id, alert?.id]);
    await tell((await makeDestination()).id);
    await makeDue();
    expect(await health()).toMatchObject({ alertsSent: 1 });
    expect(await alerts()).toMatchObject([{ status: "sent", attempt: 3, reason: null }]);
  });

  it("ends after a day", async () => {
    await alarm("status/503");
    await DB.prepare("UPDATE alerts SET created_at = 0, next_attempt_at = 0").run();
    await health();
    expect(await alerts()).toMatchObject([{ status: "failed", attempt: 2 }]);
  });

  it("two runs at once make one alert and one call", async () => {
    const bell = await makeDestination();
    await tell(bell.id);
    await failFiveTimes((await makeDestination()).id);
    await Promise.all([health(), health(), health()]);
    expect([(await alerts()).length, (await received(bell.key)).length]).toEqual([1, 1]);
  });
});

describe("organizations", () => {
  it("each is told of its own destinations only, also the operator's", async () => {
    const operatorsBell = await makeDestination();
    await tell(operatorsBell.id);
    const bell = await makeOther();
    await tell(bell.id, "org_other");
    const [mine, theirs] = [await makeDestination(), await makeDestinationOf("org_other")];
    await failFiveTimes(mine.id);
    await failFiveTimes(theirs.id);
    expect(await health()).toMatchObject({ failing: 2, alertsSent: 2 });
    const told = async (key: string) =>
      (await received(key)).map(({ body }) => (JSON.parse(body) as { check: string }).check);
    expect(await told(operatorsBell.key)).toEqual([`destination:${mine.id}`]);
    expect(await told(bell.key)).toEqual([`destination:${theirs.id}`]);
    const { results } = await DB.prepare(
      'SELECT organization_id, "check" FROM alerts ORDER BY organization_id',
    ).all();
    expect(results).toEqual([
      { organization_id: "org_other", check: `destination:${theirs.id}` },
      { organization_id: "org_test", check: `destination:${mine.id}` },
    ]);
  });

  it("many alerts of one do not hold up those of another", async () => {
    const bell = await makeDestination();
    await tell(bell.id);
    const other = await makeOther();
    await tell(other.id, "org_other");
    await addAlerts("org_test", 30);
    await addAlerts("org_other", 1);
    await DB.prepare(
      "UPDATE alerts SET next_attempt_at = 1000 WHERE organization_id = 'org_other'",
    ).run();
    expect(await health()).toMatchObject({ alertsSent: 5 });
    expect((await received(other.key)).length).toBe(1);
    expect((await received(bell.key)).length).toBe(4);
  });
});

it("Slack gets the summary and the link as a message", async () => {
  const bell = await makeDestination();
  const config = await seal(
    consumerEnv.MASTER_KEY,
    `destination:${bell.id}`,
    JSON.stringify({ url: bell.url }),
  );
  await DB.prepare("UPDATE destinations SET kind = 'slack', config = ? WHERE id = ?")
    .bind(config, bell.id)
    .run();
  await tell(bell.id);
  const broken = await makeDestination();
  await failFiveTimes(broken.id);
  await health();
  const [message] = await received(bell.key);
  const { text, blocks } = JSON.parse(message?.body ?? "") as { text: string; blocks: unknown };
  const told = `Destination "Receiver" (${broken.id}) only fails: its last 5 tries, the latest with \`http_status\`.`;
  for (const shown of [text, JSON.stringify(blocks)]) {
    expect(shown.replaceAll('\\"', '"')).toContain(told);
    expect(shown).toContain("http://localhost:8787/dashboard#evt_x");
  }
});

it("Telegram gets the summary and the link as plain text", async () => {
  const bell = await makeDestination();
  const plain = { token: `1:${"x".repeat(35)}`, chatId: 5, baseUrl: bell.url };
  const config = await seal(
    consumerEnv.MASTER_KEY,
    `destination:${bell.id}`,
    JSON.stringify(plain),
  );
  await DB.prepare("UPDATE destinations SET kind = 'telegram', config = ? WHERE id = ?")
    .bind(config, bell.id)
    .run();
  await tell(bell.id);
  const broken = await makeDestination();
  await failFiveTimes(broken.id);
  await health();
  const [message] = await received(bell.key);
  expect(JSON.parse(message?.body ?? "")).toMatchObject({
    chat_id: 5,
    text: `Destination "Receiver" (${broken.id}) only fails: its last 5 tries, the latest with \`http_status\`.\nhttp://localhost:8787/dashboard#evt_x`,
  });
});
