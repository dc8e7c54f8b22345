import { afterAll } from "vitest";

const endings: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of endings.toReversed()) await end();
});

/**
 * Does it after the last test of the file, the latest first. Not after a test, as `onTestFinished` would: that does not
 * know which one it is in when several run beside each other.
 */
export function atEndOfFile(end: () => unknown): void {
  endings.push(end);
}
