import type { FieldError } from "../errors.ts";
import type { PortalDefinition } from "./definition.ts";
import { textsOf } from "./map-texts.ts";
import { placeholdersIn } from "./placeholders.ts";
import type { Credentials } from "./schemas.ts";

/** What a definition types, or waits for, and the credentials do not have. */
export function missingCredentials(
  { login }: PortalDefinition,
  { phone, extra = {} }: Credentials,
): FieldError[] {
  const used = new Set([...textsOf(login)].flatMap(({ text }) => placeholdersIn(text)));
  const extras = [...used].flatMap((name) => {
    const [word, inner = ""] = name.split(".");
    return word === "extra" && !Object.hasOwn(extra, inner) ? [name] : [];
  });
  return [
    ...(phone || !(login.code || used.has("phone"))
      ? []
      : [{ path: "phone", message: "is needed: whose SMS the definition's codes come to" }]),
    ...extras.map((path) => ({ path, message: "is needed: the definition types it" })),
  ];
}
