import type { Deps } from "../context.ts";
import type { RateLimits } from "../rate-limits/index.ts";
import type { KakaoSettings } from "./settings.ts";

/** What the relay's verbs work with. */
export type KakaoDeps = Pick<
  Deps,
  "db" | "shards" | "bodies" | "eventsQueue" | "channels" | "settings"
> & {
  rateLimits: RateLimits;
  kakao: KakaoSettings;
  waitUntil: (promise: Promise<unknown>) => void;
};
