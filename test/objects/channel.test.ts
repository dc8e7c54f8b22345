import { env } from "cloudflare:workers";
import { expect, it } from "vitest";

it("a channel is reachable by name over RPC", async () => {
  const channel = (env as unknown as ObjectsEnv).CHANNEL.getByName("source:demo");
  expect(await channel.describe()).toEqual({ name: "source:demo" });
});
