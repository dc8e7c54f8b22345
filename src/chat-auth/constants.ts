/** Issuers of one organization. */
export const MAX_CHAT_ISSUERS = 20;
export const MAX_AUDIENCE_CHARS = 500;
export const MAX_USER_CLAIM_CHARS = 200;
/** The claim that is the user's id, unless an issuer is registered with another one; also of our own tokens. */
export const DEFAULT_USER_CLAIM = "sub";
/** The claim that is the user's id in a Cognito pool: the one that its clients have always known users by. */
export const COGNITO_USER_CLAIM = "cognito:username";
/** Longest name of a user that is shown; of longer ones the beginning. */
export const MAX_USER_NAME_CHARS = 100;
/** After a failed look-up in the database. */
export const RETRY_AFTER_SECONDS = 5;
