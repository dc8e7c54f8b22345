/** What chat clients take for a deployment's stage. They have one before their path, and sockets any one behind it. */
const STAGES: ReadonlySet<string> = new Set(["dev", "prod"]);
const SOCKETS: ReadonlySet<string> = new Set(["ws", "presence-ws"]);
/** First segments that are chat's own. A source whose slug is one of them chats as the deployment's own only. */
const OWN: ReadonlySet<string> = new Set([
  ...SOCKETS,
  "assets",
  "blocks",
  "conversation",
  "conversations",
  "me",
  "messages",
  "presence",
  "users",
]);

/**
 * A path of chat as its routes know it, and the source that it names: `/chat/<slug>/prod/conversations/` is
 * `/chat/conversations` of that source; null: of the deployment's own. The page is `/chat/`. Other paths stay.
 */
export function readChatPath(pathname: string): { slug: string | null; path: string } {
  const [first, ...rest] = pathname.split("/").filter((segment) => segment !== "");
  if (first !== "chat") return { slug: null, path: pathname };
  let segments = withoutStage(rest);
  let slug: string | null = null;
  if (segments[0] !== undefined && !OWN.has(segments[0])) {
    slug = segments[0].toLowerCase();
    segments = withoutStage(segments.slice(1));
  }
  if (segments.length === 2 && SOCKETS.has(segments[0] ?? "")) segments.pop();
  return { slug, path: `/chat/${segments.join("/")}` };
}

function withoutStage(segments: string[]): string[] {
  return STAGES.has(segments[0] ?? "") ? segments.slice(1) : segments;
}
