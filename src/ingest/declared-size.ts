/** True when a request says itself that its body is too large: then none of it need be read. */
export function declaresMoreThan({ headers }: Request, bytes: number): boolean {
  return Number(headers.get("content-length") ?? 0) > bytes;
}
