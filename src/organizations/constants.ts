export const MAX_ORGANIZATION_NAME_CHARS = 100;
/** Origins of one organization: all are looked through on a browser's request. */
export const MAX_ALLOWED_ORIGINS = 50;
/** A host name has 253 characters at most; this has room for scheme and port. */
export const MAX_ORIGIN_CHARS = 270;
