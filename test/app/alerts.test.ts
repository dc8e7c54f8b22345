import { beforeAll, describe, expect, it } from "vitest";
import { alerts } from "../../src/db/schema/control.ts";
import { newId } from "../../src/ids.ts";
import {
  addKey,
  call,
  control,
  fetchApp,
  ids,
  makeTenant,
  type Tenant,
  wrongFields,
} from "./support.ts";

let a: Tenant;
let destinationId: string;

async function makeDestination(tenant: Tenant): Promise<string> {
  const { json } = await call(tenant, "POST", "/destinations", {
    name: "bell",
    kind: "http",
    config: { url: "https://receiver.example/hook" },
  });
  return String(json.id);
}

beforeAll(async () => {
  a = await makeTenant("alerts-a");
  destinationId = await makeDestination(a);
});

describe("where alerts go", () => {
  it("nowhere at first; a destination when one is chosen, until it is changed or deleted", async () => {
    expect((await call(a, "GET", "/alerts")).json).toEqual({
      data: [],
      nextCursor: null,
      destinationId: null,
    });
    const chosen = await call(a, "PUT", "/alerts", { destinationId });
    expect([chosen.status, chosen.json]).toEqual([200, { destinationId }]);
    const other = await makeDestination(a);
    await call(a, "PUT", "/alerts", { destinationId: other });
    expect((await call(a, "GET", "/alerts")).json).toMatchObject({ destinationId: other });
    await call(a, "DELETE", `/destinations/${other}`);
    expect((await call(a, "GET", "/alerts")).json).toMatchObject({ destinationId: null });
    await call(a, "PUT", "/alerts", { destinationId });
    await call(a, "PUT", "/alerts", { destinationId: null });
    expect((await call(a, "GET", "/alerts")).json).toMatchObject({ destinationId: null });
  });

  it.each([[{}], [{ destinationId: 1 }], [{ destinationId: "dst_nobody" }]])(
    "%j is 422",
    async (body) => {
      const answer = await call(a, "PUT", "/alerts", body);
      expect([answer.status, wrongFields(answer)]).toEqual([422, ["destinationId"]]);
    },
  );

  it("a mailbox of codes, which nobody reads, is refused", async () => {
    const { json } = await call(a, "POST", "/destinations", {
      name: "codes",
      kind: "sms_code",
      config: { phone: "01012345678" },
    });
    const answer = await call(a, "PUT", "/alerts", { destinationId: json.id as string });
    expect([answer.status, wrongFields(answer)]).toEqual([422, ["destinationId"]]);
  });

  it("another organization's destination is refused", async () => {
    const b = await makeTenant("alerts-b");
    const answer = await call(b, "PUT", "/alerts", { destinationId });
    expect([answer.status, wrongFields(answer)]).toEqual([422, ["destinationId"]]);
  });

  it("needs scope admin", async () => {
    const writer = { ...a, key: await addKey(a.organizationId, ["write"]) };
    expect((await call(writer, "GET", "/alerts")).status).toBe(403);
    expect((await call(writer, "PUT", "/alerts", { destinationId })).status).toBe(403);
  });
});

it("alerts are listed, newest first, with a link that can be opened", async () => {
  const made = [1, 2, 3].map((n) => newId("alert", Date.now() + n));
  for (const id of made) {
    await control.insert(alerts).values({
      id,
      organizationId: a.organizationId,
      check: `destination:${destinationId}`,
      kind: "failing",
      summary: "only fails",
      link: `/dashboard#${destinationId}`,
      createdAt: Date.now(),
      status: "sent",
      attempt: 2,
      sentAt: Date.now(),
    });
  }
  const first = await call(a, "GET", "/alerts?limit=2");
  const second = await call(a, "GET", `/alerts?limit=2&cursor=${first.json.nextCursor}`);
  expect([...ids(first), ...ids(second)]).toEqual(made.toReversed());
  expect(second.json.data).toEqual([
    {
      id: made[0],
      kind: "failing",
      check: `destination:${destinationId}`,
      summary: "only fails",
      link: `http://localhost:8787/dashboard#${destinationId}`,
      status: "sent",
      reason: null,
      attemptCount: 2,
      createdAt: expect.stringMatching(/Z$/),
      sentAt: expect.stringMatching(/Z$/),
    },
  ]);
});

it("deep health tells anybody what the health job said, and names no destination", async () => {
  const operator = await makeTenant("alerts-operator", { isOperator: true });
  const ran = await call(operator, "POST", "/jobs/health/run");
  expect(ran.json).toMatchObject({ report: { failing: 0, disabled: 0 } });
  const response = await fetchApp("/health?deep=1");
  expect(await response.json()).toMatchObject({
    status: "ok",
    lastHealthJob: {
      at: expect.stringMatching(/Z$/),
      status: "ok",
      checks: { events_0: "ok", queue: "ok", deliveries: "ok" },
      failingDestinations: 0,
      disabledDestinations: 0,
    },
  });
});
