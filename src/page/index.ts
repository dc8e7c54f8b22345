export { ASSETS } from "./assets.ts";
export { chooseLanguage, type Language, readLanguage } from "./choose-language.ts";
export { LANGUAGE_COOKIE, LANGUAGE_COOKIE_SECONDS } from "./constants.ts";
export { fillMarkup } from "./fill-markup.ts";
export { localPageKey } from "./local-page-key.ts";
export { ASSET_HEADERS, PAGE_HEADERS } from "./page-headers.ts";
