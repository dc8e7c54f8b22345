const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
const REPLACEMENT = "\ufffd";

const wansung = new TextDecoder("euc-kr");

/** Built when first needed: the syllables that KS X 1001 left out, by their two bytes. */
let extension: Map<number, string> | undefined;

/**
 * Decodes CP949, of which Node's `euc-kr` knows only the part of KS X 1001, with 2,350 of 11,172 syllables. Bytes
 * that are no character become U+FFFD. With `dropHalf`, half a character at the end is left out.
 */
export function decodeCp949(bytes: Uint8Array, dropHalf = false): string {
  let text = "";
  let plainFrom = 0;
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const trail = bytes[at + 1];
    if (isPlainPair(lead, trail)) {
      at += 2;
      continue;
    }
    extension ??= readExtension();
    const syllable = trail === undefined ? undefined : extension.get((lead << 8) | trail);
    text += wansung.decode(bytes.subarray(plainFrom, at));
    if (syllable !== undefined) text += syllable;
    else if (!(dropHalf && trail === undefined)) text += REPLACEMENT;
    at += syllable === undefined ? 1 : 2;
    plainFrom = at;
  }
  return text + wansung.decode(bytes.subarray(plainFrom));
}

function isPlainPair(lead: number, trail: number | undefined): boolean {
  return lead >= 0xa1 && lead <= 0xfe && trail !== undefined && trail >= 0xa1 && trail <= 0xfe;
}

/** CP949 put the left-out syllables in the order of Unicode where KS X 1001 has nothing. */
function readExtension(): Map<number, string> {
  const known = new Set<string>();
  for (let lead = 0xb0; lead <= 0xc8; lead++) {
    for (let trail = 0xa1; trail <= 0xfe; trail++) {
      known.add(wansung.decode(Uint8Array.of(lead, trail)));
    }
  }
  const pairs = freePairs();
  const found = new Map<number, string>();
  for (let code = FIRST_SYLLABLE; code <= LAST_SYLLABLE; code++) {
    const syllable = String.fromCharCode(code);
    if (known.has(syllable)) continue;
    found.set(pairs.next().value ?? 0, syllable);
  }
  return found;
}

function* freePairs(): Generator<number, undefined> {
  for (let lead = 0x81; lead <= 0xc6; lead++) {
    const lastTrail = lead <= 0xa0 ? 0xfe : 0xa0;
    for (let trail = 0x41; trail <= lastTrail; trail++) {
      const isLetter = (trail >= 0x41 && trail <= 0x5a) || (trail >= 0x61 && trail <= 0x7a);
      if (isLetter || trail >= 0x81) yield (lead << 8) | trail;
    }
  }
}
