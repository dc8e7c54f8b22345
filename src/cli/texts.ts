import type { Language } from "../local/language.ts";
import { ENGLISH } from "./texts-en.ts";
import { KOREAN } from "./texts-ko.ts";

/** What a person reads. Each error is one line that says how to mend it. */
export type Texts = typeof ENGLISH;

export function textsIn(language: Language): Texts {
  return { en: ENGLISH, ko: KOREAN }[language];
}
