export const LANGUAGES = ["en", "ko"] as const;
export type Language = (typeof LANGUAGES)[number];

type Wishes = {
  /** `?lang=` of this request. */
  asked: string | undefined;
  /** What was asked for last time. */
  remembered: string | undefined;
  /** `Accept-Language`. */
  accepted: string | undefined;
};

/** Asked for, else remembered, else the browser's, else English. A language we do not speak counts as none. */
export function chooseLanguage({ asked, remembered, accepted }: Wishes): Language {
  return readLanguage(asked) ?? readLanguage(remembered) ?? preferred(accepted ?? "") ?? "en";
}

/** `ko`, `ko-KR`, `en-US`, … or undefined. */
export function readLanguage(text: string | undefined): Language | undefined {
  const primary = text?.trim().toLowerCase().split("-")[0];
  return LANGUAGES.find((language) => language === primary);
}

/** The language of ours with the highest `q`; of equals the first. */
function preferred(acceptLanguage: string): Language | undefined {
  const ranges = acceptLanguage.split(",").map((range) => {
    const [tag = "", ...parameters] = range.split(";");
    const q = parameters.map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1]).find(Boolean);
    return { language: readLanguage(tag), q: Number(q ?? 1) };
  });
  return ranges
    .filter(({ language, q }) => language && q > 0)
    .toSorted((a, b) => b.q - a.q)
    .at(0)?.language;
}
