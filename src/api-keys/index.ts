export { authenticateKey } from "./authenticate-key.ts";
export { Scope } from "./schemas.ts";
