import { ClientError } from "./client-error.ts";
import type { Cut } from "./cut.ts";

/** A JWT or an API key, or a function that gets a fresh one. */
export type Token = string | (() => Promise<string>);

/** Keeps a token, and gets another one when it is refused: once, until one has been taken. */
export class TokenKeeper {
  readonly #source: Token | undefined;
  #kept: string | undefined;
  #isRenewed = false;

  constructor(source: Token | undefined) {
    this.#source = source;
  }

  /** Undefined: none, e.g. on a page that has a cookie. */
  async get(): Promise<string | undefined> {
    if (typeof this.#source !== "function") return this.#source;
    this.#kept ??= await this.#source();
    return this.#kept;
  }

  /** The token was good. */
  taken(): void {
    this.#isRenewed = false;
  }

  /** The token is no longer good. False: there is no other one, or it was refused as well. */
  renew(): boolean {
    if (typeof this.#source !== "function" || this.#isRenewed) return false;
    this.#kept = undefined;
    this.#isRenewed = true;
    return true;
  }
}

/** What a token that cannot be renewed ends a stream with. */
export function withoutToken({ kind, error }: Cut): ClientError {
  if (kind !== "expired") return error;
  const message = `${error.message}. Give a function as token that gets a fresh one.`;
  return new ClientError(message, error.status, { cause: error });
}
