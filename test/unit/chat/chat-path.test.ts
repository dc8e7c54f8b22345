import { expect, it } from "vitest";
import { readChatPath } from "../../../src/chat-rest/chat-path.ts";

it.each([
  // Of the deployment's own chat, with stages and slashes that clients add.
  ["/chat", null, "/chat/"],
  ["/chat/", null, "/chat/"],
  ["/chat/prod/", null, "/chat/"],
  ["/chat/conversations", null, "/chat/conversations"],
  ["/chat/conversations/", null, "/chat/conversations"],
  ["//chat//prod//conversations//", null, "/chat/conversations"],
  ["/chat/dev/conversations/c1/messages", null, "/chat/conversations/c1/messages"],
  ["/chat/prod/conversation/direct/google_1", null, "/chat/conversation/direct/google_1"],
  ["/chat/prod/presence/prod", null, "/chat/presence/prod"],
  // A user may be called as a stage.
  ["/chat/conversation/direct/prod/", null, "/chat/conversation/direct/prod"],
  // Sockets have any stage behind them.
  ["/chat/ws", null, "/chat/ws"],
  ["/chat/ws/", null, "/chat/ws"],
  ["/chat/ws/prod/", null, "/chat/ws"],
  ["/chat/ws/v7/", null, "/chat/ws"],
  ["/chat/prod/ws/", null, "/chat/ws"],
  ["/chat/presence-ws/dev/", null, "/chat/presence-ws"],
  ["/chat/ws/a/b", null, "/chat/ws/a/b"],
  // Of another source's.
  ["/chat/support", "support", "/chat/"],
  ["/chat/SUPPORT/conversations", "support", "/chat/conversations"],
  ["/chat/support/prod/conversations/", "support", "/chat/conversations"],
  ["/chat/prod/support/conversations", "support", "/chat/conversations"],
  ["/chat/support/ws/prod/", "support", "/chat/ws"],
  ["/chat/support/other", "support", "/chat/other"],
  ["/chat/prod/prod/me", "prod", "/chat/me"],
  // Of nobody's.
  ["/", null, "/"],
  ["/chats/prod", null, "/chats/prod"],
  ["/api/v1/chat/issuers/", null, "/api/v1/chat/issuers/"],
  ["/kakao/chat/webhook", null, "/kakao/chat/webhook"],
])("%s is %s %s", (pathname, slug, path) => {
  expect(readChatPath(pathname)).toEqual({ slug, path });
});
