/** One cookie, session cookies too. */
export type StoredCookie = {
  name: string;
  value: string;
  /** As the browser has it: with a leading dot for sub-domains too. */
  domain: string;
  path: string;
  /** Seconds since 1970; null: a session cookie. */
  expires: number | null;
  httpOnly: boolean;
  secure: boolean;
  sameSite: "Strict" | "Lax" | "None" | null;
  /** Site of the partition, for partitioned cookies. */
  partitionKey?: string;
};

/** What makes a logged-in session, without its browser. */
export type Snapshot = {
  cookies: StoredCookie[];
  /** Of the portal's origins only. */
  storage: { origin: string; local: [string, string][]; session: [string, string][] }[];
  /** Where the login was made: what the session has goes to no other origin. Left out: wherever the definition allows. */
  origins?: string[];
  userAgent: string;
  viewport: { width: number; height: number };
  /** What the definition's `values` found, by name. */
  values: Record<string, string>;
  /** ms UTC. */
  takenAt: number;
};
