export type { LoginBrowser, LoginInput, LoginOutcome, OnPhase, Phase } from "./login-browser.ts";
