import { MAX_CODE_TRIES } from "./constants.ts";
import { newPairingCode } from "./tokens.ts";

/** Runs an insert with a new code; again with another one when somebody has it. Whatever else fails is thrown. */
export async function withNewCode<T>(insert: (code: string) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await insert(newPairingCode());
    } catch (error) {
      if (tries === MAX_CODE_TRIES || !isTaken(error)) throw error;
    }
  }
}

function isTaken(error: unknown): boolean {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  return `${message} ${cause?.message}`.includes("UNIQUE constraint failed: kakao_codes.code");
}
