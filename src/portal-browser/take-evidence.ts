import type { Credentials } from "../portals/schemas.ts";
import {
  EVIDENCE_DEADLINE_MS,
  JPEG_QUALITIES,
  MASK_TRIES,
  MAX_SCREENSHOT_BYTES,
} from "./constants.ts";
import { readCookies } from "./cookies.ts";
import { within } from "./deadline.ts";
import { MASK, SHOWS_NONE } from "./page-scripts.ts";
import type { Tab } from "./tab.ts";

/** Cookies shorter than this say too little to be secret, and too much of a page would go. */
const MIN_COOKIE_CHARS = 8;

/**
 * A picture of the page with every field and every secret masked before it is taken; null when the page does not let
 * itself be masked, or the browser is gone. The page cannot be used afterwards.
 */
export async function takeScreenshot(
  tab: Tab,
  credentials: Credentials,
  code: string | null,
  origins: readonly string[],
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const work = maskAndTake(tab, credentials, code, origins);
    return await within(EVIDENCE_DEADLINE_MS, "page_hung", work);
  } catch {
    return null;
  }
}

async function maskAndTake(
  tab: Tab,
  credentials: Credentials,
  code: string | null,
  origins: readonly string[],
): Promise<Uint8Array<ArrayBuffer> | null> {
  // A page that waits for its next document answers nothing.
  await tab.cdp.send("Page.stopLoading");
  const cookies = await readCookies(tab, origins);
  const secrets = [
    ...secretsOf(credentials, code),
    ...cookies.map(({ value }) => value).filter(({ length }) => length >= MIN_COOKIE_CHARS),
  ];
  if (!(await isMasked(tab, secrets))) return null;
  for (const quality of JPEG_QUALITIES) {
    const bytes = new Uint8Array(await tab.page.screenshot({ type: "jpeg", quality }));
    // A script may have put a text back after the mask, and before the picture.
    if (!(await showsNone(tab, secrets))) return null;
    if (bytes.length <= MAX_SCREENSHOT_BYTES) return bytes;
  }
  return null;
}

/** All frames: one that cannot be masked means no picture. */
async function isMasked(tab: Tab, secrets: readonly string[]): Promise<boolean> {
  const source = `(${MASK})(${JSON.stringify(secrets)})`;
  for (let tries = 0; tries < MASK_TRIES; tries += 1) {
    // A frame may begin anew while its document is masked.
    const masked = await Promise.all(
      tab.page.frames().map((frame) => frame.evaluate(source).catch(() => false)),
    );
    if (masked.every((each) => each === true)) return true;
  }
  return false;
}

async function showsNone(tab: Tab, secrets: readonly string[]): Promise<boolean> {
  const source = `(${SHOWS_NONE})(${JSON.stringify(secrets)})`;
  const clean = await Promise.all(
    tab.page.frames().map((frame) => frame.evaluate(source).catch(() => false)),
  );
  return clean.every((each) => each === true);
}

/** Everything that was, or may have been, typed. */
function secretsOf({ username, password, phone, extra }: Credentials, code: string | null) {
  const digits = phone?.replaceAll(/\D/g, "") ?? "";
  // Abroad a number is written without its first zero.
  const phones = digits === "" ? [] : [digits, digits.replace(/^(0|820?)/, "")];
  return [username, password, ...phones, ...Object.values(extra ?? {}), ...(code ? [code] : [])];
}
