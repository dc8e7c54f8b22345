import type { PortalDefinition } from "../portals/schemas.ts";
import type { Snapshot } from "../session-pairs/index.ts";

export type PageRequest = {
  method: string;
  /** Absolute, on an allowed origin. */
  url: string;
  /** In small letters; a page cannot set those that its browser sets, e.g. `cookie` and `referer`. */
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | null;
  timeoutMs: number;
};

export type PageAnswer =
  | {
      kind: "answered";
      status: number;
      /** Without those that say how the body came, and without `set-cookie`. */
      headers: [string, string][];
      body: Uint8Array<ArrayBuffer>;
      /** After redirects. */
      url: string;
      /** Lives on, for the next request. */
      browserId: string;
      /** With the session's cookies as they are now; null: none has changed. */
      snapshot: Snapshot | null;
    }
  | {
      kind: "failed";
      reason:
        | "timeout"
        | "connection_failed"
        | "origin_left"
        | "too_large"
        | "redirect_loop"
        | "browser_unavailable";
      /** The site may have got the request. */
      sent: boolean;
      /** Null: there is no browser any more. */
      browserId: string | null;
    };

/** Requests from inside a page of the site, with a session's cookies and storage. What goes wrong outside is an answer. */
export type PageBrowser = {
  /** In the browser of that id, or in a new one that the snapshot is put into. Requests of one browser wait for each other. */
  send(input: {
    definition: PortalDefinition;
    snapshot: Snapshot;
    browserId: string | null;
    request: PageRequest;
  }): Promise<PageAnswer>;
  /** Closes a browser; one that is gone is no error. */
  discard(browserId: string): Promise<void>;
  /** Milliseconds that browsers were open through this object since it was last asked. */
  takeBrowserMs(): number;
};
