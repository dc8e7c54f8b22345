export { authenticateChat, type ChatAuthDeps } from "./authenticate-chat.ts";
export { type ChatSettings, type ChatVars, chatSettingsOrNull } from "./settings.ts";
