import { findLabels, type Span } from "./otp-labels.ts";

const NO_SERVICE =
  /^(?:광고|안내|알림|본인확인|본인인증|인증|추가인증|추가|로그인|회원가입|휴대폰|휴대전화|문자|SMS|OTP|고객님의?|회원님의?|귀하의?|요청하신|신청하신|새|새로운|이전|아래|다음|번호로|입력할|확인|보안|결제|일회용|접속|Use|The|Your|My|This|Is|Enter|Please|One|Security|Login|Verification|Authentication|Confirmation)$/i;

const BRACKETED =
  /\[ ?([^\]\n]{1,40}?) ?\]|^\( ?([^)\n]{1,40}?) ?\)|^<([^>\n]{1,40})>|^【([^】\n]{1,40})】/g;

/** Who sent a code: the first name in brackets, else the name right before the label, else the one before a colon. */
export function serviceOf(text: string, labels: Span[]): string | null {
  for (const [, ...names] of text.matchAll(BRACKETED)) {
    const name = names.find((one) => one !== undefined);
    if (name && isService(name) && findLabels(name).length === 0) return name;
  }
  for (const { start } of labels) {
    const before = nameBefore(text.slice(Math.max(0, start - 40), start));
    if (before) return before;
  }
  const head = /^([A-Za-z가-힣][A-Za-z가-힣 ]{0,20}):/.exec(text)?.[1];
  return head && isService(head) && findLabels(head).length === 0 ? head : null;
}

/** The last word of a sentence's start; of Latin capitals the whole run, `Apple ID`. */
function nameBefore(text: string): string | null {
  const line =
    text
      .split(/[\n.:,!?)\]>]/)
      .at(-1)
      ?.trim() ?? "";
  const words = line.split(" ").filter((word) => word !== "");
  while (words.length > 0 && !isService(words.at(-1) ?? "")) words.pop();
  const last = words.pop();
  if (last === undefined) return null;
  if (!/^[A-Z]/.test(last))
    return /^[가-힣]/.test(last) && !/[은는을를의로에]$/.test(last) ? last : null;
  let name = last;
  for (let word = words.pop(); word && /^[A-Z]/.test(word) && isService(word); word = words.pop()) {
    name = `${word} ${name}`;
  }
  return name;
}

/** Not a code in brackets, and not just a word of the sentence. */
function isService(name: string): boolean {
  if (/^(?=[A-Z-]*\d)[A-Z\d-]+$/.test(name)) return false;
  return /\p{L}/u.test(name) && !/\d{4}/.test(name) && !/^\d/.test(name) && !NO_SERVICE.test(name);
}
