import { describe, expect, it } from "vitest";
import { MAX_TEMP_ID_CHARS } from "../../../src/chat/index.ts";
import { Bucket } from "../../../src/chat-socket/bucket.ts";
import { MAX_FRAME_BYTES } from "../../../src/chat-socket/constants.ts";
import { type ChatFrame, SHAPES } from "../../../src/chat-socket/frames.ts";
import { parseFrame } from "../../../src/chat-socket/parse-frame.ts";
import { pushFrame } from "../../../src/chat-socket/push-frame.ts";
import { readWish } from "../../../src/chat-socket/read-wish.ts";

const parse = (version: 1 | 2, message: unknown) =>
  parseFrame<ChatFrame>(
    typeof message === "string" || message instanceof ArrayBuffer
      ? message
      : JSON.stringify(message),
    { shapes: SHAPES[version], isStrict: version === 2 },
  );

/** `code`, and what the answer says of the frame. */
function faultOf(version: 1 | 2, message: unknown) {
  const parsed = parse(version, message);
  return parsed.kind === "fault"
    ? { code: parsed.error.code, ...parsed.about }
    : { code: parsed.kind };
}

const SEND = { action: "send-message", tempMessageId: "t1", conversationId: "c1", content: "hi" };
const READ = { action: "read-messages", conversationId: "c1" };
const EDIT = { action: "edit-message", conversationId: "c1", messageId: "m1", content: "new" };
const DELETE = { action: "delete-message", conversationId: "c1", messageId: "m1" };
const TYPING = { action: "typing", conversationId: "c1", isTyping: true };
const ABOUT_SEND = { action: "send-message", tempMessageId: "t1" };

describe("frames of version 1", () => {
  it.each([
    [SEND],
    [{ ...SEND, tempMessageId: "" }],
    [{ ...SEND, tempMessageId: 7 }],
    [{ ...SEND, tempMessageId: { a: [1] } }],
    [{ ...SEND, tempMessageId: false }],
    [READ],
    [{ action: "heartbeat" }],
  ])("%j is taken", (frame) => {
    expect(parse(1, frame)).toEqual({ kind: "frame", frame });
  });

  it("unknown fields are ignored, a token of early builds among them", () => {
    expect(parse(1, { ...SEND, jwt: "secret", messageId: "x" })).toEqual({
      kind: "frame",
      frame: SEND,
    });
    expect(parse(1, { action: "heartbeat", jwt: "x" })).toEqual({
      kind: "frame",
      frame: { action: "heartbeat" },
    });
  });

  it.each([
    ["no JSON", "hello"],
    ["no JSON at all", ""],
    ["an array", "[]"],
    ["null", "null"],
    ["a number", "7"],
    ["no action", {}],
    ["an empty action", { action: "" }],
    ["an action that is no text", { action: 1 }],
    ["an unknown action", { action: "send_message" }],
    ["a name of every object", { action: "toString" }],
    ["__proto__", '{"action":"__proto__"}'],
    ["an action of version 2", TYPING],
    ["bytes", new ArrayBuffer(2)],
    ["too deep", `{"action":"heartbeat","a":${"[".repeat(40)}${"]".repeat(40)}}`],
  ])("%s is what the gateway could not route", (_, message) => {
    expect(parse(1, message)).toEqual({ kind: "forbidden" });
  });

  it("what is missing is said in the contract's order", () => {
    const missing = (frame: object) => {
      const parsed = parse(1, frame);
      return parsed.kind === "fault" ? parsed.error.message : parsed.kind;
    };
    expect(missing({ action: "send-message" })).toBe("Missing 'tempMessageId' in the frame.");
    expect(missing({ ...SEND, tempMessageId: null })).toContain("'tempMessageId'");
    expect(missing({ action: "send-message", tempMessageId: "" })).toContain("'conversationId'");
    expect(missing({ ...SEND, content: undefined })).toBe("Missing 'content' in the frame.");
    expect(missing({ ...SEND, content: "" })).toBe("Missing 'content' in the frame.");
    expect(missing({ action: "read-messages" })).toBe("Missing 'conversationId' in the frame.");
  });

  it.each([
    [{ ...SEND, content: 7 }],
    [{ ...SEND, conversationId: {} }],
    [{ ...SEND, conversationId: "x".repeat(101) }],
  ])("%j is not valid", (frame) => {
    expect(faultOf(1, frame)).toEqual({ code: "invalid_field", ...ABOUT_SEND });
  });

  it("a tempMessageId that is too long is not shown again", () => {
    const tempMessageId = "x".repeat(MAX_TEMP_ID_CHARS);
    expect(faultOf(1, { ...SEND, tempMessageId })).toEqual({
      code: "invalid_field",
      action: "send-message",
    });
  });
});

describe("frames of version 2", () => {
  it.each([
    [SEND],
    [READ],
    [{ ...READ, messageId: "m1", tempMessageId: "t" }],
    [EDIT],
    [{ ...DELETE, tempMessageId: "t" }],
    [TYPING],
    [{ action: "resume" }],
    [{ action: "resume", after: 0, epoch: "m3k9x2ab0f3c1de" }],
    [{ action: "heartbeat" }],
  ])("%j is taken", (frame) => {
    expect(parse(2, frame)).toEqual({ kind: "frame", frame });
  });

  it.each([
    ["bad_frame", "hello"],
    ["bad_frame", "[]"],
    ["bad_frame", `{"action":"heartbeat","a":${"[".repeat(40)}${"]".repeat(40)}}`],
    ["bad_frame", new ArrayBuffer(2)],
    ["missing_field", {}],
    ["missing_field", { action: null }],
  ])("%s: %s", (code, message) => {
    expect(faultOf(2, message)).toEqual({ code });
  });

  it.each<[string, Record<string, unknown>]>([
    ["unknown_action", { action: "react" }],
    ["unknown_field", { action: "heartbeat", seq: 1 }],
    ["unknown_field", { ...TYPING, tempMessageId: "t" }],
    ["unknown_field", { ...READ, upTo: 1 }],
    ["missing_field", { action: "send-message" }],
    ["missing_field", { action: "edit-message", conversationId: "c", messageId: "m", content: "" }],
    ["missing_field", { action: "typing", conversationId: "c" }],
    ["invalid_field", { ...TYPING, isTyping: "yes" }],
    ["invalid_field", { action: "resume", after: -1 }],
    ["invalid_field", { action: "resume", after: 1.5 }],
    ["invalid_field", { action: "resume", after: "3" }],
    ["invalid_field", { action: "resume", after: 1, epoch: "A B" }],
    ["invalid_field", { ...READ, messageId: "" }],
  ])("%s: %j", (code, frame) => {
    const about = "tempMessageId" in frame ? { tempMessageId: frame.tempMessageId } : {};
    expect(faultOf(2, frame)).toEqual({ code, action: frame.action, ...about });
  });

  it("a field named __proto__ is unknown too", () => {
    expect(faultOf(2, '{"action":"heartbeat","__proto__":1}').code).toBe("unknown_field");
    expect(faultOf(2, '{"action":"heartbeat","toString":1}').code).toBe("unknown_field");
  });

  it.each([[7], [{}], [true], [""]])("a tempMessageId is a text, not %j", (tempMessageId) => {
    expect(faultOf(2, { ...SEND, tempMessageId })).toEqual({
      code: "invalid_field",
      action: "send-message",
      tempMessageId,
    });
  });

  it("a frame that is too large is answered with its tempMessageId", () => {
    const fits = MAX_FRAME_BYTES - JSON.stringify({ ...SEND, content: "" }).length;
    expect(parse(2, { ...SEND, content: "x".repeat(fits) }).kind).toBe("frame");
    const tooLarge = { code: "frame_too_large", tempMessageId: "t1" };
    expect(faultOf(2, { ...SEND, content: "x".repeat(fits + 1) })).toEqual(tooLarge);
    expect(faultOf(1, { ...SEND, content: "x".repeat(fits + 1) })).toEqual(tooLarge);
    // Bytes count, not characters: these have three.
    expect(faultOf(2, { ...SEND, content: "한".repeat(fits / 2) })).toEqual(tooLarge);
    expect(faultOf(2, "x".repeat(MAX_FRAME_BYTES + 1))).toEqual({ code: "frame_too_large" });
  });

  it("10,000 Korean characters fit", () => {
    expect(parse(2, { ...SEND, content: "한".repeat(10_000) }).kind).toBe("frame");
  });
});

describe("pushes", () => {
  const place = { epoch: "e", seq: 7 };
  const message = {
    conversationId: "c",
    messageId: "m",
    senderId: "u",
    content: "hi",
    sentAt: "2026-01-01T00:00:00.000Z",
    tempMessageId: { any: 1 },
  };
  const to = (version: 1 | 2, event: string, data: Record<string, unknown>) =>
    pushFrame({ place, event, data }, { version, userId: "u" });

  it("a message has exactly seven keys in version 1", () => {
    expect(to(1, "new-message", { ...message, extra: 1 })).toEqual({
      type: "new-message",
      ...message,
    });
    const { tempMessageId: _, ...byRest } = message;
    expect(to(1, "new-message", byRest)).toEqual({
      type: "new-message",
      ...byRest,
      tempMessageId: null,
    });
  });

  it("what was read is told to version 1 of its own user only, with three keys", () => {
    const read = { conversationId: "c", userId: "u", messageId: "m", readAt: "x" };
    expect(to(1, "read-messages", read)).toEqual({
      type: "read-messages",
      conversationId: "c",
      userId: "u",
    });
    expect(to(1, "read-messages", { ...read, userId: "other" })).toBeNull();
    expect(to(2, "read-messages", { ...read, userId: "other" })).toEqual({
      type: "read-messages",
      ...read,
      userId: "other",
      seq: 7,
    });
  });

  it("version 1 is told nothing else", () => {
    expect(to(1, "message-edited", {})).toBeNull();
    expect(to(1, "participants-added", {})).toBeNull();
    expect(to(2, "message-edited", { content: "x" })).toEqual({
      type: "message-edited",
      content: "x",
      seq: 7,
    });
  });
});

describe("the address of a version-2 socket", () => {
  const wish = (query: string) => {
    const { resume, faults } = readWish(new URLSearchParams(query));
    return { resume, faults: faults.map(({ code }) => code) };
  };

  it("says where to resume", () => {
    expect(wish("Authorization=x&v=2")).toEqual({ resume: null, faults: [] });
    expect(wish("v=2&after=12")).toEqual({ resume: { after: 12 }, faults: [] });
    expect(wish("v=2&after=0&epoch=abc")).toEqual({
      resume: { after: 0, epoch: "abc" },
      faults: [],
    });
  });

  it.each(["after=", "after=-1", "after=x", "after=1e3", "epoch=abc", "after=1&epoch=A"])(
    "cannot resume by %s",
    (query) => {
      expect(wish(query)).toEqual({ resume: null, faults: ["invalid_field"] });
    },
  );

  it("has no other parameter", () => {
    expect(wish("v=2&lang=ko&after=1")).toEqual({
      resume: { after: 1 },
      faults: ["unknown_field"],
    });
  });
});

it("a bucket lets a burst through, then so many each second", () => {
  const bucket = new Bucket({ size: 3, perSecond: 2 }, 0);
  expect([0, 0, 0, 0].map(() => bucket.take(0))).toEqual([0, 0, 0, 500]);
  expect(bucket.take(499)).toBeGreaterThan(0);
  expect(bucket.take(500)).toBe(0);
  expect([0, 0, 0, 0].map(() => bucket.take(60_000))).toEqual([0, 0, 0, 500]);
  // A clock that was set back gives nothing.
  expect(bucket.take(0)).toBe(500);
});
