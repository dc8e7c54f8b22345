import type { Settings } from "../context.ts";
import type { SourcePreset } from "../source-preset.ts";

type Source = { slug: string; preset: SourcePreset };
type Urls = { url: string; smsUrl?: string };
type Bases = { sourceUrl: string; appUrl: string };

const inPath = ({ sourceUrl }: Bases, key: string): Urls => ({ url: `${sourceUrl}/~${key}` });

/** Where a sender with this key sends to, by what calls its source. */
const URLS = {
  generic: inPath,
  sens_v1: inPath,
  kakao: inPath,
  chat: inPath,
  // The form of an incoming webhook of Slack: what checks its URL takes it.
  slack: ({ sourceUrl }, key) => ({ url: `${sourceUrl}/services/T00000000/B00000000/${key}` }),
  phone: (bases, key) => ({ ...inPath(bases, key), smsUrl: `${bases.appUrl}/webhook/sms/${key}` }),
} satisfies Record<SourcePreset, (bases: Bases, key: string) => Urls>;

export function senderUrls(
  { ingestUrl, appUrl }: Pick<Settings, "ingestUrl" | "appUrl">,
  { slug, preset }: Source,
  key: string,
): Urls {
  return URLS[preset]({ sourceUrl: ingestUrl.replace("{slug}", slug), appUrl }, key);
}
