import { DEDUP } from "./tail-constants.ts";
import type { Source } from "./tail-find-source.ts";
import type { TailTexts } from "./tail-texts.ts";

/** What a person should know of a source before alerts go there; nothing of it stops the tail. */
export function sourceWarnings(source: Source, hasSenderKey: boolean, texts: TailTexts): string[] {
  const { slug, dedup, enabled, requireSender } = source;
  const remedy = `baton sources update ${slug} --data '${JSON.stringify({ dedup: DEDUP })}'`;
  return [
    ...(dedup?.from === DEDUP.from ? [] : [texts.noDedup(slug, remedy)]),
    ...(enabled ? [] : [texts.disabled(slug)]),
    ...(requireSender && !hasSenderKey ? [texts.needsSender(slug)] : []),
  ];
}
