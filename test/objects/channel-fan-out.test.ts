import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import {
  MAX_PENDING_FRAMES,
  MAX_PUBLISH_FRAMES,
  SOCKETS_AT_ONCE,
} from "../../src/channels/constants.ts";
import type { ChannelRpc } from "../../src/channels/rpc.ts";
import { toQuery } from "../../src/channels/socket-wish.ts";
import { waitFor } from "../support/wait-for.ts";

const objects = env as unknown as ObjectsEnv;

type Channel = ReturnType<ObjectsEnv["CHANNEL"]["getByName"]>;

/** A subscriber; gives the numbers of the frames that it has had. */
async function subscribe(channel: Channel): Promise<number[]> {
  const wish = { format: "json", batch: true, since: "all", slow: "drop", acks: false } as const;
  const query = toQuery({ ...wish, until: null, untilCode: 4409 });
  const answer = await channel.fetch(`https://channel/?${query.toString()}`, {
    headers: { upgrade: "websocket" },
  });
  const seen: number[] = [];
  answer.webSocket?.addEventListener("message", ({ data }) => {
    for (const line of String(data).split("\n")) {
      const frame = JSON.parse(line) as { id: string; event: string };
      if (frame.event !== "ready") seen.push(Number(frame.id.split("-")[1]));
    }
  });
  answer.webSocket?.accept();
  return seen;
}

function publish(channel: Pick<ChannelRpc, "publish">, count = 1) {
  const frames = Array.from({ length: count }, () => ({ event: "message", data: "0" }));
  return channel.publish({ frames });
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

it("more sockets than are sent to at once have every frame in order, also those that come meanwhile", async () => {
  const channel = objects.CHANNEL.getByName("topic:org_fan_out:many");
  const readers = await Promise.all(upTo(SOCKETS_AT_ONCE + 44).map(() => subscribe(channel)));
  const publishing = Promise.all(upTo(50).map(() => publish(channel)));
  readers.push(...(await Promise.all(upTo(20).map(() => subscribe(channel)))));
  await publishing;
  await waitFor(() => readers.every((seen) => seen.length >= 50), { what: "50 frames each" });
  for (const seen of readers) expect(seen).toEqual(upTo(50));
});

it("publishers that outrun the sending wait for it: what waits to be sent is bounded, and all of it comes", async () => {
  const channel = objects.CHANNEL.getByName("topic:org_fan_out:fast");
  const seen = await subscribe(channel);
  const publishes = Math.ceil((20 * MAX_PENDING_FRAMES) / MAX_PUBLISH_FRAMES);
  const taken = await runInDurableObject(channel, async (object) => {
    const publishing = upTo(publishes).map(() => publish(object, MAX_PUBLISH_FRAMES));
    const { position } = await object.history(null, 1);
    await Promise.all(publishing);
    return Number(position.split("-")[1]);
  });
  // Nothing has been sent when it is asked how far the log is.
  expect(taken).toBeLessThan(MAX_PENDING_FRAMES + MAX_PUBLISH_FRAMES);
  const total = publishes * MAX_PUBLISH_FRAMES;
  await waitFor(() => seen.length >= total, { what: "all frames" });
  expect(seen).toEqual(upTo(total));
});
