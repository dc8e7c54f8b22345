/** Stands where something was taken out that a name likes to follow. It is in no normalised text. */
export const ANCHOR = "\u0001";

/** A text from which what is recognised is taken out; what nobody wanted is the name of a shop or a person. */
export class Remaining {
  text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Takes the first match out and leaves a line break, or `mark` between two. */
  take(pattern: RegExp, mark = ""): RegExpExecArray | null {
    const match = pattern.exec(this.text);
    if (match) this.cut(match.index, match[0].length, mark);
    return match;
  }

  /** Takes every match out. */
  drop(pattern: RegExp): void {
    this.text = this.text.replace(pattern, "\n");
  }

  cut(index: number, length: number, mark = ""): void {
    const gap = mark === "" ? "\n" : `\n${mark}\n`;
    this.text = this.text.slice(0, index) + gap + this.text.slice(index + length);
  }

  /** The name left over: the first after the anchor, else the last before it. */
  name(): string | null {
    const segments = this.text.split(/[\n|]|→|->|>| \/ /);
    const at = segments.lastIndexOf(ANCHOR);
    const [after] = segments
      .slice(at + 1)
      .map(tidy)
      .filter(isName);
    return after ?? segments.slice(0, Math.max(at, 0)).map(tidy).findLast(isName) ?? null;
  }
}

const LABEL = /^(?:가맹점|사용처|이용처|결제처|매장|장소|적요|내용|보낸분|받는분)명? ?:? /;
const NOISE =
  /^(?:님|원|본인|고객|고객님|회원님|완료|금액|카드|내역|안내|입니다|되었습니다|무이자|할부|문의.*|고객센터.*)$/;

function tidy(segment: string): string {
  return segment
    .replaceAll(/\( ?\)|\[ ?\]/g, " ")
    .replace(/^[ ,:;/·\-.]+/, "")
    .replace(LABEL, "")
    .replace(/(?<![ ,:;/·-])[ ,:;/·-]+$/, "")
    .replace(/(?<=[가-힣)])에서$/, "")
    .trim();
}

function isName(segment: string): boolean {
  return /[\p{L}]/u.test(segment) && segment !== ANCHOR && !NOISE.test(segment);
}
