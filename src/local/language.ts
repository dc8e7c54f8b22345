export type Language = "en" | "ko";

/** Korean when `BATON_LANG` says so, or when it is not set and `LANG` starts with `ko`. */
export function languageOf(env: NodeJS.ProcessEnv): Language {
  const chosen = env.BATON_LANG || env.LANG || "";
  return chosen.toLowerCase().startsWith("ko") ? "ko" : "en";
}
