/** The shortest minute the ticker accepts: below this, jobs would only queue behind each other. */
export const MIN_TICK_MS = 10;
export const MINUTE_MS = 60_000;

/** How long wrangler may take until `GET /health` answers 200. */
export const READY_DEADLINE_MS = 60_000;
/** While a Worker does not build, requests hang. */
export const HEALTH_TIMEOUT_MS = 5_000;
/** How long the databases may take: one short-lived local runtime. */
export const PREPARE_DEADLINE_MS = 60_000;
/** Between two looks at something we wait for. */
export const POLL_MS = 50;

/** 70 MB of compressed files, on a busy machine. */
export const UNPACK_DEADLINE_MS = 120_000;
/** How long a browser may take until it listens; most need less than one second. */
export const TRY_BROWSER_MS = 20_000;

/** SIGTERM, this long, then SIGKILL: stopping must be over within 5 s. */
export const STOP_GRACE_MS = 3_000;
/** How long to wait for killed processes to disappear. */
export const KILL_WAIT_MS = 500;

/** A call of the local API; nothing there takes long. */
export const API_TIMEOUT_MS = 15_000;
/** A job may have a lot to sweep. */
export const JOB_TIMEOUT_MS = 120_000;
/** `--once`: from the request to the receiver's record. */
export const ONCE_DEADLINE_MS = 30_000;

/** Wrangler's output is kept up to this size, twice (`wrangler.log`, `wrangler.log.1`). */
export const MAX_LOG_BYTES = 10 * 1024 * 1024;
/** Lines of wrangler's output that are shown when it fails. */
export const TAIL_LINES = 20;

/** What the receiver remembers. */
export const MAX_RECEIVED = 100;
export const MAX_RECEIVED_BODY_BYTES = 4 * 1024;
/** What the receiver prints of a body. */
export const MAX_PRINTED_CHARS = 80;

/** The Workers of a session; the first takes the HTTP traffic. */
export const WORKERS = {
  edge: "wrangler.toml",
  app: "workers/app/wrangler.toml",
  consumer: "workers/consumer/wrangler.toml",
  objects: "workers/objects/wrangler.toml",
  browser: "workers/browser/wrangler.toml",
} as const;
export type WorkerName = keyof typeof WORKERS;

export const DEMO = { slug: "demo", destination: "receiver", rule: "everything" } as const;

/** The source that `/webhook/sms` leads to without a sender's key. */
export const PHONE_DEMO = { slug: "phone", rule: "every message" } as const;

/** The source of the KakaoTalk channel whose skill server is `/kakao/webhook`. */
export const KAKAO_DEMO = { slug: "kakao" } as const;

/** The source whose organization's users chat below `/chat`. */
export const CHAT_DEMO = { slug: "chat" } as const;

/** The portal of `npm start -- --with-portal`. */
export const PORTAL_DEMO = { name: "Simulated portal", definition: "simulated" } as const;

/** Where `baton kakao simulate` stands for Kakao's callback server: one address for each that runs at a time. */
export const KAKAO_CALLBACK_PORTS = [18443, 18444, 18445, 18446] as const;

/** A forwarded card SMS, as a phone sends it. It has no quote, so it can stand inside '…' in a shell. */
export const SAMPLE_BODY = JSON.stringify({
  message: "[Web발신]\n신한카드(1234)승인 홍*동 12,000원(일시불)02/12 12:34 스타벅스강남점",
});
