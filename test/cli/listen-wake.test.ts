import { createServer, type ServerResponse } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import type { Api } from "../../src/cli/api.ts";
import { LISTEN_POLL_MS } from "../../src/cli/listen-constants.ts";
import { Wake } from "../../src/cli/listen-wake.ts";
import { waitFor } from "../support/wait-for.ts";

/** A deployment that has nothing but the live stream of one source. */
async function startLive(status = 200) {
  const open = new Set<ServerResponse>();
  const asked: (string | undefined)[] = [];
  const server = createServer(({ url, headers }, response) => {
    asked.push(headers.authorization);
    const isOurs = url?.startsWith("/api/v1/sources/src_1/live");
    response.writeHead(isOurs ? status : 404, { "content-type": "text/event-stream" });
    if (status !== 200) return void response.end();
    response.write("id: 0000000001\nretry: 10\n\n");
    open.add(response);
    response.on("close", () => open.delete(response));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return {
    api: { origin: `http://127.0.0.1:${port}`, key: () => "bt_key" } as Api,
    asked,
    count: () => open.size,
    say: (text: string) => {
      for (const one of open) one.write(text);
    },
    cut: () => server.closeAllConnections(),
    goAway: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function startWake(api: Api) {
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const wake = new Wake(api, "src_1", end.signal);
  let rung = 0;
  const watch = (async () => {
    while (!end.signal.aborted) {
      await wake.wait(end.signal);
      rung++;
    }
  })();
  return { end, watch, rung: () => rung };
}

it("an event of the stream wakes it, a delivery or a heartbeat does not, and so does a cut that was mended", async () => {
  const live = await startLive();
  const wake = startWake(live.api);
  // Opened: what came before is looked for.
  await waitFor(() => wake.rung() === 1, { what: "the stream to open" });
  expect(live.asked).toEqual(["Bearer bt_key"]);
  live.say(`: beat\n\nid: 0000000002\nevent: delivery\ndata: {}\n\n`);
  live.say(`id: 0000000003\nevent: event\ndata: {"id":"evt_1"}\n\n`);
  // Nothing but the stream can be it: until the next look there are 30 s.
  await waitFor(() => wake.rung() === 2, { what: "the event", deadlineMs: 10_000 });
  live.say(`id: 0000000004\nevent: gap\ndata: {"from":"a","to":"b"}\n\n`);
  await waitFor(() => wake.rung() === 3, { what: "the gap", deadlineMs: 10_000 });
  live.cut();
  await waitFor(() => live.count() === 1 && live.asked.length > 1, { what: "another stream" });
  await waitFor(() => wake.rung() >= 4, { what: "what came meanwhile", deadlineMs: 10_000 });
});

it.each([
  ["refused for good", (live: Awaited<ReturnType<typeof startLive>>) => void live, 403],
  ["down", (live: Awaited<ReturnType<typeof startLive>>) => live.goAway(), 200],
])("while the stream is %s it is time to look every other second", async (_, spoil, status) => {
  const live = await startLive(status);
  const wake = startWake(live.api);
  await waitFor(() => live.asked.length > 0, { what: "the first request" });
  spoil(live);
  const before = wake.rung();
  const deadlineMs = LISTEN_POLL_MS * 3 + 10_000;
  await waitFor(() => wake.rung() >= before + 3, { what: "three looks", deadlineMs });
  expect(live.count()).toBe(0);
});

it("the end ends the wait and the stream", async () => {
  const live = await startLive();
  const wake = startWake(live.api);
  await waitFor(() => wake.rung() === 1, { what: "the stream to open" });
  wake.end.abort();
  await wake.watch;
  await waitFor(() => live.count() === 0, { what: "the stream to be closed" });
  expect(live.asked).toHaveLength(1);
});
