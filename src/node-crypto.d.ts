/** What is used of Node's module; workerd has it by `nodejs_compat`, and the types of Workers do not describe it. */
declare module "node:crypto" {
  /** Unlike WebCrypto's it takes a message in pieces, so that a large one is never held whole. */
  export function createHmac(
    hash: string,
    key: Uint8Array,
  ): {
    update(piece: string | Uint8Array): void;
    digest(): Uint8Array;
  };
  /** Unlike WebCrypto's it answers at once: nothing can come in between. */
  export function createHash(hash: string): {
    update(text: string): { digest(encoding: "hex"): string };
  };
  /** Throws when the lengths differ. */
  export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
}
