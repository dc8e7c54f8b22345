import { beforeAll, expect, it } from "vitest";
import { startSession, type TestSession } from "../support/session.ts";
import { call, deliveryOf, makeRelay, receivedCount } from "./support.ts";

/*
 * A legacy system is led through Baton by a change of its host name only: it sends no key. One can see which server
 * calls, register it as it was seen, mute it, block it and let it in again, each at once.
 */

type Counts = {
  data: {
    sender: { id: string | null; name: string; identifiedBy: string | null };
    events: number;
    muted: number;
    blocked: number;
    suggestion: object | null;
  }[];
};

let session: TestSession;
beforeAll(async () => {
  session = await startSession();
});

it("who calls is seen, registered, muted, blocked and let in again", async () => {
  const { receiver, source } = await makeRelay(session, "erp", { match: { sender: "ERP" } });
  const path = `/sources/${source.id}/senders`;
  const legacy = async () => {
    const headers = { "user-agent": "LegacyERP/1.0", "content-type": "application/json" };
    const init = { method: "POST", headers, body: '{"no":1}' };
    const response = await session.send("erp.localhost", "/api/orders?kind=new", init);
    const id = response.status === 202 ? String(JSON.parse(response.body.toString()).id) : "";
    return { status: response.status, id };
  };
  const counts = async () => (await call<Counts>(session, 200, "GET", `${path}/counts`)).data;
  const event = (id: string) =>
    call<{ status: string; sender: object; path: string; query: string }>(
      session,
      200,
      "GET",
      `/events/${id}`,
    );

  // Seen: it is unidentified, and says what to register.
  await legacy();
  const [seen] = await counts();
  expect(seen).toMatchObject({ sender: { id: null, identifiedBy: null }, events: 1 });
  expect(seen?.sender.name).toMatch(/^LegacyERP\/1\.0 @ /);

  // Registered as it was seen: the rule by its name takes it.
  const suggestion = { ...seen?.suggestion, name: "ERP" };
  const sender = await call<{ id: string; key: string }>(session, 201, "POST", path, suggestion);
  const known = await legacy();
  await deliveryOf(session, known.id, "succeeded");
  expect(await event(known.id)).toMatchObject({
    sender: { id: sender.id, name: "ERP", identifiedBy: "match" },
    path: "/api/orders",
    query: "kind=new",
  });
  await receivedCount(receiver.received, 1);

  // By its key as well; what is delivered has no key.
  const response = await session.send("erp.localhost", `/~${sender.key}/by-key?a=1`);
  await deliveryOf(session, String(JSON.parse(response.body.toString()).id), "succeeded");
  expect(receiver.received.at(-1)?.url).toContain("/by-key?a=1");
  expect(JSON.stringify(receiver.received)).not.toContain(sender.key);

  // Muted: answered and stored; a replay hands it on.
  await call(session, 200, "PATCH", `${path}/${sender.id}`, { state: "muted" });
  const muted = await legacy();
  expect(await event(muted.id)).toMatchObject({ status: "muted" });
  await call(session, 200, "POST", "/jobs/sweep/run");
  expect(receiver.received).toHaveLength(2);
  await call(session, 201, "POST", `/events/${muted.id}/replay`, {});
  await deliveryOf(session, muted.id, "succeeded");

  // Blocked: refused and counted. Let in again: it goes on as before.
  await call(session, 200, "PATCH", `${path}/${sender.id}`, { state: "blocked" });
  expect((await legacy()).status).toBe(401);
  expect((await legacy()).status).toBe(401);
  await call(session, 200, "PATCH", `${path}/${sender.id}`, { state: "active" });
  await deliveryOf(session, (await legacy()).id, "succeeded");
  expect((await counts())[0]).toMatchObject({
    sender: { id: sender.id, name: "ERP" },
    events: 4,
    muted: 1,
    blocked: 2,
  });

  // Deleted: its key is refused, and without it is nobody again.
  await call(session, 204, "DELETE", `${path}/${sender.id}`);
  expect((await session.send("erp.localhost", `/~${sender.key}/x`)).status).toBe(401);
  const nobody = await legacy();
  expect(await event(nobody.id)).toMatchObject({ sender: { id: null, identifiedBy: null } });
});
