import { SignJWT } from "jose";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type ChatTenant, type Chatter, makeChat, makeChatter } from "./chat-callers.ts";
import { Client } from "./chat-socket-support.ts";
import { fetchApp } from "./support.ts";

let tenant: ChatTenant;
let ann: Chatter;
let ben: Chatter;
beforeAll(async () => {
  tenant = await makeChat("socketeers");
  ann = await makeChatter(tenant, "ann", { name: "Ann" });
  ben = await makeChatter(tenant, "ben");
});

const upgrade = (path: string, headers: Record<string, string> = {}) =>
  fetchApp(`/chat/socketeers${path}`, { headers: { upgrade: "websocket", ...headers } });
const connect = async (path: string) => new Client(await upgrade(path));
const tokenOf = ({ token }: Chatter) => token;

describe("through the app", () => {
  it.each([
    "/ws/?Authorization=T",
    "/ws?Authorization=T",
    "/prod/ws/?Authorization=T",
    "/ws/dev/?Authorization=T",
    "/ws/?Authorization=T&v=2&after=0",
  ])("%s is a socket of the token's user", async (path) => {
    const client = await connect(path.replace("T", tokenOf(ann)));
    const { json } = await ben.call("POST", "/conversation", {
      recipientIdArr: ["ann"],
      isGroup: false,
      title: "",
    });
    const sender = await connect(`/ws/?Authorization=${tokenOf(ben)}`);
    const { conversationId } = json;
    const tempMessageId = crypto.randomUUID();
    sender.send({ action: "send-message", tempMessageId, conversationId, content: path });
    await sender.frame("new-message");
    const told = () =>
      client.of("new-message").some((frame) => frame.tempMessageId === tempMessageId);
    await vi.waitUntil(told, { timeout: 10_000 });
    expect(client.of("error")).toEqual([]);
    client.close();
    sender.close();
  });

  it("presence tells of a user of chat", async () => {
    const viewer = await connect(`/presence-ws/?Authorization=${tokenOf(ben)}`);
    viewer.send({ action: "update-presence", url: "https://www.example.com/", title: "t" });
    expect(await viewer.frame("update-presence")).toMatchObject({ domain: "example.com" });
    const { status, json } = await ann.call("GET", "/presence");
    expect([status, json.presenceArr]).toMatchObject([
      200,
      [{ userId: "ben", page: { url: "https://www.example.com/" } }],
    ]);
    const of = await ann.call("GET", "/presence/ben");
    expect(of.json).toEqual({ url: "https://www.example.com/", title: "t" });
    expect((await ann.call("GET", "/presence/stranger")).status).toBe(403);
    viewer.close();
  });
});

describe("who may not", () => {
  const expired = () =>
    new SignJWT({ sub: "ann", iss: "baton", aud: tenant.organizationId, exp: 1_000_000 })
      .setProtectedHeader({ alg: "HS256" })
      .sign(new Uint8Array(32));

  it("is 401 in version 1, and a socket that is closed with a reason in version 2", async () => {
    for (const token of ["", "no.good.token", await expired(), `${tokenOf(ann)}x`]) {
      const query = token && `Authorization=${token}`;
      const refused = await upgrade(`/ws/?${query}`);
      expect([refused.status, refused.webSocket]).toEqual([401, null]);
      const client = await connect(`/ws/?v=2&${query}`);
      expect(await client.ended()).toMatchObject({ code: 4401 });
      expect(client.frames).toMatchObject([{ type: "error" }]);
    }
  });

  it("another organization's token opens nothing here", async () => {
    const other = await makeChatter(await makeChat("socketeers-b"), "ann");
    expect((await upgrade(`/ws/?Authorization=${other.token}`)).status).toBe(401);
    const client = await connect(`/ws/?v=2&Authorization=${other.token}`);
    expect((await client.ended()).code).toBe(4401);
  });

  it("is told of a version that there is not, and of an address that is no socket's over HTTP", async () => {
    expect((await upgrade(`/ws/?v=3&Authorization=${tokenOf(ann)}`)).status).toBe(400);
    const client = await connect(`/presence-ws/?v=2&Authorization=${tokenOf(ann)}`);
    expect(await client.ended()).toEqual({ code: 4400, reason: "invalid_field" });
    const plain = await fetchApp(`/chat/socketeers/ws/?Authorization=${tokenOf(ann)}`);
    expect(plain.status).toBe(426);
  });
});
