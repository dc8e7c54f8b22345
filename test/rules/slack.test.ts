import { describe, expect, it } from "vitest";
import { ask, request } from "./request.ts";

const FORM = `payload=${encodeURIComponent('{"text":"배포 실패","channel":"#ops"}')}`;

describe("rules read a Slack source's message", () => {
  it.each([
    ["JSON", '{"text":"배포 실패","channel":"#ops"}'],
    ["the old form", FORM],
  ])("in %s", (_, body) => {
    const facts = request({
      preset: "slack",
      contentType: "application/x-www-form-urlencoded",
      body,
    });
    expect(ask({ json: { channel: "#ops" } }, facts).matched).toBe(true);
    expect(ask({ text: { regex: "^배포 실패$" } }, facts).matched).toBe(true);
    expect(ask({ text: { contains: "channel" } }, facts).matched).toBe(false);
  });

  it("by the texts of its blocks where it has no text", () => {
    const body = { blocks: [{ type: "section", text: { type: "mrkdwn", text: "*실패*" } }] };
    const facts = request({ preset: "slack", body });
    expect(ask({ text: { contains: "실패" } }, facts).matched).toBe(true);
  });

  it("and at other sources, or where it is none, the body as it came", () => {
    expect(ask({ text: { contains: "payload=" } }, request({ body: FORM })).matched).toBe(true);
    const plain = request({ preset: "slack", body: "hello" });
    expect(ask({ text: { contains: "hello" } }, plain).matched).toBe(true);
    expect(ask({ json: { channel: "#ops" } }, plain).matched).toBe(false);
  });
});
