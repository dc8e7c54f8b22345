import { CHAT_DEMO, DEMO, KAKAO_DEMO, PHONE_DEMO } from "./constants.ts";
import { findItem } from "./find-item.ts";
import type { LocalApi } from "./local-api.ts";

type Source = { id: string; slug: string };
type NewSource = { slug: string; name: string; preset?: "phone" | "kakao" | "chat" };
type Destination = { id: string; name: string; kind: string; config: { url?: string } };
type Rule = { id: string; sourceId: string; destinationId: string };

/** Makes what is missing of source → rule → receiver, once for everybody and once for phones, and the sources of a KakaoTalk channel and of chat. */
export async function createDemo(api: LocalApi, receiverUrl: string): Promise<void> {
  const source = await findOrCreateSource(api, { slug: DEMO.slug, name: "Demo" });
  const destination = await findOrCreateDestination(api, receiverUrl);
  await findOrCreateRule(api, DEMO.rule, source, destination);
  const phone = { slug: PHONE_DEMO.slug, name: "Phone", preset: "phone" } as const;
  const phoneSource = await findOrCreateSource(api, phone);
  await findOrCreateRule(api, PHONE_DEMO.rule, phoneSource, destination);
  await findOrCreateSource(api, { slug: KAKAO_DEMO.slug, name: "KakaoTalk", preset: "kakao" });
  await findOrCreateSource(api, { slug: CHAT_DEMO.slug, name: "Chat", preset: "chat" });
}

async function findOrCreateSource(api: LocalApi, wanted: NewSource): Promise<Source> {
  const found = await findItem<Source>(api, "/sources", ({ slug }) => slug === wanted.slug);
  return found ?? api.post<Source>("/sources", wanted);
}

async function findOrCreateRule(
  api: LocalApi,
  name: string,
  source: Source,
  destination: Destination,
): Promise<void> {
  const rule = await findItem<Rule>(
    api,
    "/rules",
    (rule) => rule.sourceId === source.id && rule.destinationId === destination.id,
  );
  if (rule) return;
  await api.post("/rules", {
    name,
    sourceId: source.id,
    destinationId: destination.id,
    match: {},
  });
}

async function findOrCreateDestination(api: LocalApi, receiverUrl: string): Promise<Destination> {
  const found = await findItem<Destination>(
    api,
    "/destinations",
    (destination) => destination.kind === "http" && destination.name === DEMO.destination,
  );
  if (!found) {
    return api.post("/destinations", {
      name: DEMO.destination,
      kind: "http",
      config: { url: receiverUrl, appendPath: true },
    });
  }
  // The receiver may listen on another port today; an address that somebody else put there stays.
  const { url } = found.config;
  if (url && url !== receiverUrl && isReceiverUrl(url)) {
    await api.patch(`/destinations/${found.id}`, { config: { url: receiverUrl } });
  }
  return found;
}

function isReceiverUrl(url: string): boolean {
  return /^http:\/\/127\.0\.0\.1:\d+\/?$/.test(url);
}
