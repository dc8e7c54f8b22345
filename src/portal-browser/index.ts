export { createLoginBrowser } from "./create-login-browser.ts";
export { createPageBrowser } from "./create-page-browser.ts";
export type {
  LoginBrowser,
  LoginInput,
  LoginOutcome,
  OnPhase,
  Phase,
} from "./login-browser.ts";
export type { PageAnswer, PageBrowser, PageRequest } from "./page-browser.ts";
