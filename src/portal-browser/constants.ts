/** How long a browser lives without a command: the most that Browser Rendering allows, longer than any wait for an SMS. */
export const KEEP_ALIVE_MS = 600_000;
/** Starting a browser, or finding one again. Browser Rendering queues when it is busy. */
export const OPEN_DEADLINE_MS = 60_000;
/** A whole visit of a browser: an alarm may run for 15 minutes, and a browser costs by the second. */
export const VISIT_DEADLINE_MS = 180_000;
/** What nobody waits for longer: closing, a picture, a look at a page. */
export const SHORT_DEADLINE_MS = 5_000;
/** A call of a function inside a page; a page that is busy for longer is asked again. */
export const CALL_DEADLINE_MS = 2_000;
/** Between two looks at a page. */
export const LOOK_EVERY_MS = 100;
/** An optional step that sets no time of its own: a banner is there soon, or not at all. */
export const OPTIONAL_STEP_MS = 3_000;
/** How long a stopped login's page may take to show where it stands. */
export const LOOK_DEADLINE_MS = 5_000;
/** What a page shows for so long after the site's last answer is its last word. */
export const STEADY_MS = 1_000;
/** How long a page that is logged in may take to have its `values`. */
export const VALUES_DEADLINE_MS = 10_000;

export const VIEWPORT = { width: 1280, height: 800 };
/** Of a snapshot as JSON; it is sealed into one row, which holds 2 MB. */
export const MAX_SNAPSHOT_BYTES = 1024 * 1024;
/** Masking and taking a picture. */
export const EVIDENCE_DEADLINE_MS = 10_000;
export const MAX_SCREENSHOT_BYTES = 256 * 1024;
/** Tried until a picture is small enough. */
export const JPEG_QUALITIES = [60, 30, 10];
/** Of a step's name in timings and evidence. */
export const MAX_STEP_CHARS = 100;
/** Answers that are remembered for `waitForResponse`. */
export const MAX_ANSWERS = 500;
/** Times a page is masked again whose scripts put a text back. */
export const MASK_TRIES = 3;

/** Of an answer to a fetch inside a page. */
export const MAX_PAGE_BODY_BYTES = 10 * 1024 * 1024;
/** Bodies leave a page in pieces, as base64 in messages. */
export const PIECE_BYTES = 512 * 1024;
export const MAX_REDIRECTS = 5;
