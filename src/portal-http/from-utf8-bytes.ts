/** A header's text, which the runtime gives byte by byte, as the UTF-8 that servers mean; unchanged when it is none. */
export function fromUtf8Bytes(text: string): string {
  // Only bytes: a text that was decoded already is left alone.
  if (!/[\x80-\xff]/.test(text) || /[\u0100-\uffff]/.test(text)) return text;
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return text;
  }
}
