/** What a person should know, by code: names and kinds of the values that its text needs. */
const NOTICES = {
  // Options that cannot work.
  no_patterns: {},
  bad_pattern: { pattern: "string" },
  bad_number: { name: "string", value: "number", least: "number" },
  empty_match: {},
  bad_flags: { match: "string", flags: "string" },
  bad_regex: { match: "string", reason: "string" },
  // The checkpoint.
  checkpoint_unreadable: { path: "string", reason: "string" },
  checkpoint_unwritable: { path: "string", reason: "string" },
  /** Damaged; the one before it goes on. */
  checkpoint_restored: { path: "string", aside: "string" },
  /** Damaged, and the one before it too. */
  checkpoint_lost: { path: "string", aside: "string" },
  // Files that are not followed, or not wholly.
  own_file: { path: "string" },
  compressed: { path: "string" },
  too_many_files: { path: "string", limit: "number" },
  too_many_folders: { path: "string", limit: "number" },
  file_unreadable: { path: "string", reason: "string" },
  file_unfollowed: { path: "string", reason: "string" },
  folder_unreadable: { path: "string", reason: "string" },
  /** Files in it are followed; rotated ones cannot be looked for. */
  folder_unlisted: { path: "string", reason: "string" },
  looking_failed: { reason: "string" },
  reading_failed: { path: "string", reason: "string" },
  generation_unreadable: { path: "string", reason: "string" },
  copy_unreadable: { path: "string", reason: "string" },
  /** While nothing followed it; `offset` is how far it was acknowledged. */
  file_rewritten: { path: "string", offset: "number" },
  file_replaced: { path: "string", offset: "number" },
  // Delivery. `text` is what the source answered; the next try is in `retrySeconds`.
  source_unreachable: { origin: "string", reason: "string", retrySeconds: "number" },
  source_busy: { status: "number", text: "string", retrySeconds: "number" },
  source_refused: { status: "number", text: "string", retrySeconds: "number" },
  deliverer_failed: { reason: "string" },
  // Of deliverers that ask an API for the source.
  api_unreachable: { origin: "string", reason: "string" },
  api_unauthorised: { origin: "string", status: "number" },
  api_answered: { origin: "string", status: "number" },
  api_foreign: { origin: "string" },
  source_unknown: { slug: "string" },
} as const satisfies Record<string, Record<string, "string" | "number">>;

type Kinds = { string: string; number: number };

export type NoticeCode = keyof typeof NOTICES;

export type NoticeValues = {
  [Code in NoticeCode]: {
    [Name in keyof (typeof NOTICES)[Code]]: Kinds[(typeof NOTICES)[Code][Name] & keyof Kinds];
  };
};

/** A warning or a problem: its code, and what its text names. It says nothing itself; languages do. */
export type Notice = { [Code in NoticeCode]: { code: Code } & NoticeValues[Code] }[NoticeCode];

/** Ends a run, or a delivery, with a notice that says why. */
export class TailFault extends Error {
  readonly notice: Notice;

  constructor(notice: Notice) {
    super(JSON.stringify(notice));
    this.notice = notice;
  }
}

/** A notice that another process wrote down; undefined when this version does not know it. */
export function readNotice(value: Record<string, unknown>): Notice | undefined {
  const { code } = value;
  if (typeof code !== "string" || !Object.hasOwn(NOTICES, code)) return undefined;
  const kinds = Object.entries(NOTICES[code as NoticeCode]);
  if (!kinds.every(([name, kind]) => typeof value[name] === kind)) return undefined;
  return Object.fromEntries([
    ["code", code],
    ...kinds.map(([name]) => [name, value[name]]),
  ]) as Notice;
}
