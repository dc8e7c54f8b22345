import type { CodeMailboxes } from "../code-mailboxes/index.ts";
import type { LoginBrowser } from "../portal-browser/index.ts";
import type { Credentials, PortalDefinition } from "../portals/schemas.ts";
import type { Snapshot, StoredCookie } from "./snapshot.ts";
import type { Verdict } from "./verdict.ts";

/** A portal as its sessions need it. */
export type OpenedPortal = {
  id: string;
  organizationId: string;
  enabled: boolean;
  onDeploy: "keep" | "logout";
  /** Resolved: addresses are absolute. Null: it cannot be used. */
  definition: PortalDefinition | null;
  /** Null: `credentialsFault` says why. */
  credentials: Credentials | null;
  credentialsFault: "credentials_missing" | "credentials_unreadable" | null;
  /** False: no account is set, or one for other origins. Nobody goes on with the sessions of the one before. */
  hasAccount: boolean;
  /** As it is dialled; names the mailbox. */
  phone: string | null;
  /** Rises with each change of the portal or its definition. */
  version: number;
};

/** A request to the site; headers in lower case. */
export type SiteRequest = {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | null;
};

export type SiteAnswer = {
  kind: "answered";
  status: number;
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer>;
  /** After redirects. */
  url: string;
};

/** `sent`: the site may have got it. */
export type NoAnswer = { kind: "failed"; reason: string; sent: boolean };

/** The site over HTTP, and what its definition says of requests and answers. Definitions are resolved. */
export type Site = {
  /** Sends with a session's cookies. `cookies`: all of them, when an answer changed any. */
  send(input: {
    definition: PortalDefinition;
    snapshot: Snapshot;
    request: SiteRequest;
    timeoutMs: number;
  }): Promise<(SiteAnswer & { cookies: StoredCookie[] | null }) | NoAnswer>;
  /** Of the health request's answer. */
  judge(definition: PortalDefinition, answer: SiteAnswer | NoAnswer): Verdict;
  /** An ordinary request's answer may mean that the session is over. */
  matchesOut(definition: PortalDefinition, answer: SiteAnswer): boolean;
  healthRequest(definition: PortalDefinition, snapshot: Snapshot): SiteRequest;
  /** Null: the site has none. */
  logoutRequest(definition: PortalDefinition, snapshot: Snapshot): SiteRequest | null;
  /** Why a caller's request cannot be sent; null: it can. */
  requestFault(
    definition: PortalDefinition,
    request: SiteRequest,
  ): { field: string; message: string } | null;
  /** When the first of the cookies ends that carry the session (ms UTC); null: none says. */
  cookiesEndAt(snapshot: Snapshot, definition: PortalDefinition): number | null;
};

/** Sends from inside a page of the site. `browserId`: the one to use while it lives, and the one that was used. */
export type PageBrowser = {
  send(input: {
    definition: PortalDefinition;
    snapshot: Snapshot;
    browserId: string | null;
    request: SiteRequest & { timeoutMs: number };
  }): Promise<
    | (SiteAnswer & { browserId: string | null; snapshot: Snapshot | null })
    | (NoAnswer & { browserId: string | null })
  >;
  discard(browserId: string): Promise<void>;
  /** Milliseconds that browsers were open since it was last asked. */
  takeBrowserMs(): number;
};

/** Everything outside a pair. */
export type PairParts = {
  /** ms UTC. */
  now(): number;
  /** Runs something after a while of the same clock; the result cancels it. */
  after(ms: number, run: () => void): () => void;
  /** 0 … 1, for pauses that are spread. */
  chance(): number;
  /** Null: there is none of this id. Throws when the database does not answer. */
  loadPortal(portalId: string): Promise<OpenedPortal | null>;
  browser: LoginBrowser;
  page: PageBrowser;
  mailboxes: CodeMailboxes;
  site: Site;
  /** The key that seals, and after commas those that only open. */
  masterKey: string;
  /** Of the Worker that runs. */
  version: string;
};
