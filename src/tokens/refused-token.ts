import { BatonError } from "../errors.ts";
import type { TokenKind } from "./signing-key.ts";

/** 401 with what is wrong with a token and how to mend it. Never holds the token. */
export class RefusedToken extends BatonError {
  /** Nothing is wrong with it but its age. */
  readonly isExpired: boolean;

  constructor(kind: TokenKind, what: string, { isExpired = false } = {}) {
    super("unauthorized", `This ${kind} token ${what}.`);
    this.isExpired = isExpired;
  }
}
