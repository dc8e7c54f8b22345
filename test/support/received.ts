/** One request as it came over the socket. */
export type Received = {
  method: string;
  url: string;
  /** `[name, value]` in wire order and case. */
  headers: [string, string][];
  size: number;
  sha256: string;
  /** Body as UTF-8, the first 64 KiB. */
  body: string;
  /** When it had arrived, and when it was answered or dropped; ms. */
  at: number;
  endedAt?: number;
};
