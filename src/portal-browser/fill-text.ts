import type { Credentials } from "../portals/schemas.ts";

/** `{username}`, `{password}`, `{phone}`, `{extra.<name>}` and `{code}` filled in; null when one of them is not set. */
export function fillText(
  template: string,
  credentials: Credentials,
  code: string | null,
): string | null {
  let missing = false;
  const text = template.replaceAll(
    /\{(username|password|phone|code|extra\.([A-Za-z0-9_]+))\}/g,
    (_all, name: string, extra: string | undefined) => {
      const value = extra ? credentials.extra?.[extra] : valueOf(name, credentials, code);
      if (value === null || value === undefined) missing = true;
      return value ?? "";
    },
  );
  return missing ? null : text;
}

function valueOf(name: string, credentials: Credentials, code: string | null) {
  if (name === "code") return code;
  return credentials[name as "username" | "password" | "phone"];
}
