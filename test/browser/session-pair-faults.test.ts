import { describe, expect, it } from "vitest";
import { makePair } from "./make-pair.ts";

describe("a request", () => {
  it("is not told by an older probe that its session lives", async () => {
    const pair = await makePair();
    await pair.ready();
    const send = pair.parts.site.send.bind(null);
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let isFirst = true;
    pair.parts.site.send = async (input) => {
      const answer = await send(input);
      if (isFirst && new URL(input.request.url).pathname === "/health") {
        isFirst = false;
        await gate;
      }
      return answer;
    };
    pair.site.asked.length = 0;
    pair.clock.now += 61_000;
    const ticking = pair.stub.tick();
    await expect.poll(() => pair.site.asked).toContain("GET /health");
    const [sid = ""] = pair.site.sessions.keys();
    pair.site.end(sid);
    const asking = pair.get("/partners");
    await expect.poll(() => pair.site.asked).toContain("GET /partners");
    open();
    expect(await asking).toMatchObject({ status: 200, servedBy: { slot: "B" } });
    await ticking;
  });
});
