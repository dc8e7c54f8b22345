export { authenticateChat, type ChatAuthDeps } from "./authenticate-chat.ts";
export { UserId } from "./schemas.ts";
export { type ChatSettings, type ChatVars, chatSettingsOrNull } from "./settings.ts";
