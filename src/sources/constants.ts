/** Longest name of a source, in characters. */
export const MAX_SOURCE_NAME_CHARS = 100;

/** Most hostnames of one source: each is a route at the platform. */
export const MAX_HOSTNAMES = 10;

/** Longest DNS name, in characters (RFC 1035). */
export const MAX_HOSTNAME_CHARS = 253;

/** Largest body of a source's own answer, in bytes: it is kept in the source's row, and in every edge isolate. */
export const MAX_RESPONSE_BODY_BYTES = 64 * 1024;

/** Most headers of a source's own answer. */
export const MAX_RESPONSE_HEADERS = 50;

/** Longest header value of a source's own answer, in characters. */
export const MAX_RESPONSE_HEADER_CHARS = 4096;

/** Longest window of `dedup`: 30 days. */
export const MAX_DEDUP_WINDOW_SECONDS = 30 * 24 * 60 * 60;

/** Longest `dedup.from`, in characters. */
export const MAX_DEDUP_FROM_CHARS = 200;

/** Window of `dedup` of a new source for phones: a second delivery comes within seconds, a second payment mostly later. */
export const PHONE_DEDUP_SECONDS = 120;

/** How long nobody else gets the slug or hostname of a deleted source: late callbacks must not reach a stranger. */
export const RESERVED_NAME_MS = 24 * 60 * 60 * 1000;

/** Slugs that are, look like, or may become hosts of the deployment itself. */
export const RESERVED_SLUGS: ReadonlySet<string> = new Set(
  [
    "account accounts admin api app apps assets auth baton billing cdn console dashboard dev docs ftp health help",
    "imap in internal local localhost login mail mx1 mx2 ns1 ns2 ns3 ns4 oauth pop3 root security smtp sso static",
    "status support system webmail www www1 www2",
    // Browsers and mail programs ask these names by themselves, and trust the answer.
    "autoconfig autodiscover isatap wpad",
    // Whoever reads mail at these can prove to own the domain (RFC 2142, CA/Browser Forum).
    "abuse administrator hostmaster postmaster webmaster",
  ].flatMap((line) => line.split(" ")),
);
