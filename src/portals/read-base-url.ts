import type { Settings } from "../context.ts";
import { assertPublicName, assertSendableUrl } from "../destinations/index.ts";
import { refused } from "../errors.ts";

/** A portal's base URL as it is kept, without a slash at its end. 422 for a site that may not be called. */
export async function readBaseUrl(settings: Settings, text: string): Promise<string> {
  const target = { url: text, field: "baseUrl" };
  const url = assertSendableUrl(target, settings);
  if (/[?#]/.test(text)) {
    throw refused("baseUrl", "is what stands before every path; remove `?` and `#`");
  }
  await assertPublicName(target, settings);
  return url.href.replace(/\/+$/, "");
}
