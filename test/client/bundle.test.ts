import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, expect, it } from "vitest";
import { buildClient, PAGE_CLIENT } from "../../scripts/client-bundle.ts";
import { systemNode } from "../support/packed-cli.ts";
import { startTopic, stopAll } from "./support.ts";

const folder = resolve(".baton/client-bundle");

afterEach(stopAll);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("the page's copy of the library is that of its source", async () => {
  const text = readFileSync(PAGE_CLIENT, "utf8");
  expect(text === (await buildClient()), "stale: run `npm run types`").toBe(true);
  expect(text).not.toMatch(/^import|\brequire\(|from "node:/m);
});

it("the built library runs on the system's Node, over what that has", async () => {
  const { topic, url } = await startTopic();
  topic.append({ text: "결제" });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "client.mjs"), await buildClient());
  const script = `
    import { frames, publish } from "./client.mjs";
    const to = { url: ${JSON.stringify(url)}, channel: "orders" };
    let transport;
    const onState = (state) => state.kind === "open" && (transport = state.transport);
    for await (const frame of frames({ ...to, since: "all", onState })) {
      console.log(frame.id, JSON.stringify(frame.data));
      if (frame.data === "bye") break;
      await publish({ ...to, data: "bye" });
    }
    const hasSockets = typeof WebSocket === "function";
    console.log(transport === (hasSockets ? "ws" : "sse"));`;
  writeFileSync(join(folder, "main.mjs"), script);
  const { stdout } = await promisify(execFile)(systemNode(), [join(folder, "main.mjs")]);
  expect(stdout).toBe('e1-1 {"text":"결제"}\ne1-2 "bye"\ntrue\n');
});
