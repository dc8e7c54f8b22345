import { log } from "../log.ts";
import { readOrigins } from "../origins.ts";

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
export type CognitoPool = { issuer: string; clientId: string };

/** The variables by name; each may be missing. */
export type ChatVars = { BASE_DOMAIN?: string; DEFAULT_CHAT_SOURCE?: string } & Partial<
  Record<CheckedChatVar, string>
>;
/** Those that not every text will do for. */
export type CheckedChatVar =
  | "CLIENT_URL"
  | "COGNITO_REGION"
  | "COGNITO_POOL_ID"
  | "COGNITO_CLIENT_ID"
  | "COGNITO_ISSUER";

/** A variable that cannot be used, and what would do. */
export class BadChatVar extends Error {
  readonly variable: CheckedChatVar;

  constructor(variable: CheckedChatVar) {
    super(`${variable} cannot be used: ${REMEDIES[variable]}.`);
    this.name = "BadChatVar";
    this.variable = variable;
  }
}

const REMEDIES = {
  CLIENT_URL: "give origins without a path, separated by commas, e.g. https://chat.example.com",
  COGNITO_REGION: "give the region of COGNITO_POOL_ID, e.g. ap-northeast-2, or leave both empty",
  COGNITO_POOL_ID:
    "give a pool of COGNITO_REGION, e.g. ap-northeast-2_Ab1Cd2Ef3, or leave all of Cognito's empty",
  COGNITO_CLIENT_ID: "give an app client's id, letters and digits, or leave it empty",
  COGNITO_ISSUER: "give a URL without a query, e.g. http://127.0.0.1:9229/pool, or leave it empty",
} satisfies Record<CheckedChatVar, string>;

// As the service's own API has them.
const REGION = /^[a-z]{2}(-[a-z]+)+-\d{1,2}$/;
const POOL = /^[a-z\d-]{1,40}_[A-Za-z\d]{1,40}$/;
const CLIENT = /^[\w+]{1,128}$/;

/** Reads and checks the variables. Throws `BadChatVar` at the first that cannot be used. */
export function readChatSettings(vars: ChatVars): ChatSettings {
  const clientOrigins = readOrigins(vars.CLIENT_URL ?? "");
  if (!clientOrigins) throw new BadChatVar("CLIENT_URL");
  return {
    defaultSource: textOf(vars.DEFAULT_CHAT_SOURCE).toLowerCase(),
    clientOrigins,
    cognito: readCognito(vars),
  };
}

/** The settings of a Worker; null when a variable cannot be used: its name is in the log. */
export function chatSettingsOrNull(vars: ChatVars): ChatSettings | null {
  try {
    return readChatSettings(vars);
  } catch (error) {
    if (!(error instanceof BadChatVar)) throw error;
    log.error("bad_variable", { variable: error.variable, error: error.message });
    return null;
  }
}

function readCognito(vars: ChatVars): CognitoPool | null {
  const region = textOf(vars.COGNITO_REGION);
  const pool = textOf(vars.COGNITO_POOL_ID);
  const clientId = textOf(vars.COGNITO_CLIENT_ID);
  const standIn = readStandIn(vars);
  if (`${region}${pool}${clientId}${standIn}` === "") return null;
  if (!REGION.test(region)) throw new BadChatVar("COGNITO_REGION");
  if (!POOL.test(pool) || !pool.startsWith(`${region}_`)) throw new BadChatVar("COGNITO_POOL_ID");
  if (clientId !== "" && !CLIENT.test(clientId)) throw new BadChatVar("COGNITO_CLIENT_ID");
  return { issuer: standIn || `https://cognito-idp.${region}.amazonaws.com/${pool}`, clientId };
}

/** Anywhere but on a developer's machine nobody else may stand in for the pool. */
function readStandIn({ BASE_DOMAIN, COGNITO_ISSUER }: ChatVars): string {
  const text = textOf(COGNITO_ISSUER);
  if (text === "" || BASE_DOMAIN !== "localhost") return "";
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && !/[?#]|\/$/.test(text)) return text;
  throw new BadChatVar("COGNITO_ISSUER");
}

function textOf(value: string | undefined): string {
  return (value ?? "").trim();
}
