import type { Reason } from "../session-pairs/index.ts";

/** What is known of one step of a session pair, for its line. */
export type StepFields = {
  ms?: number | null;
  reason?: string | null;
  cause?: string | null;
};

/** Texts about portals. A step without a text is shown by its name. */
export type PortalMessages = {
  portal: string;
  site: string;
  /** Between the site's URL and its account. */
  account: string;
  tryFailover: string;
  failed: (why: string) => string;
  slot: (slot: string) => string;
  steps: Record<string, (fields: StepFields) => string>;
  happenings: Record<string, (code: string, of: string) => string>;
};

const seconds = (ms: number | null | undefined) => ((ms ?? 0) / 1000).toFixed(1);
const why = ({ reason, cause }: StepFields) => reason ?? cause ?? "";
/** The same in Korean words. */
const whyInKorean = (fields: StepFields) => {
  const code = why(fields);
  return Object.hasOwn(KOREAN_WHYS, code) ? (KOREAN_WHYS as Record<string, string>)[code] : code;
};

/** Why a login failed, a session ended, or a slot got the primary's role. */
const KOREAN_WHYS = {
  wrong_password: "사이트가 아이디나 비밀번호를 거절함",
  account_locked: "사이트가 계정을 잠금",
  captcha: "사이트가 캡차를 보임",
  login_refused: "사이트가 로그인을 거절함",
  code_rejected: "사이트가 인증번호를 두 번 거절함",
  code_missing: "인증번호 문자가 제때 오지 않음",
  form_changed: "로그인 화면의 요소가 없어짐",
  origin_left: "허용하지 않은 사이트로 이동함",
  not_logged_in: "로그인을 마쳤지만 로그인된 화면이 아님",
  value_missing: "요청에 필요한 값을 세션에서 찾지 못함",
  snapshot_too_large: "세션이 보관하기에 너무 큼",
  credentials_missing: "이 포털의 주소에 쓸 계정이 없음",
  credentials_unreadable: "계정을 암호화한 마스터 키가 없음",
  definition_missing: "정의를 쓸 수 없음",
  budget_exhausted: "하루 로그인 횟수를 다 씀",
  site_unavailable: "사이트가 답하지 않거나 오류로 답함",
  site_busy: "사이트가 나중에 오라고 함",
  browser_unavailable: "브라우저를 시작하지 못함",
  browser_died: "로그인 도중 브라우저가 사라짐",
  page_hung: "페이지가 제때 끝나지 않음",
  interrupted: "로그인 도중 Worker가 멈춤",
  logged_in: "로그인함",
  rotation: "만료 전에 교대",
  asked_for: "요청에 따라",
  account_changed: "계정이 바뀜",
  probe: "상태 확인에서 끊김",
  answer: "요청의 답에서 끊김",
} satisfies Record<
  Reason | "logged_in" | "rotation" | "asked_for" | "account_changed" | "probe" | "answer",
  string
>;

export const ENGLISH: PortalMessages = {
  portal: "Portal",
  site: "portal's site",
  account: "account",
  tryFailover: "End the primary's session, and see the backup take over:",
  failed: (reason) => `The simulated portal could not be set up (${reason}). Everything else runs.`,
  slot: (slot) => `session ${slot}`,
  steps: {
    started: () => "kept from now on: two sessions",
    stopped: () => "kept no more",
    resumed: () => "goes on: somebody has looked",
    deployed: () => "another version of Baton runs",
    login_started: () => "login begins",
    browser: () => "browser opened",
    credentials_sent: () => "user name and password typed",
    code_asked: () => "the site asks for a code; waiting for the SMS, no browser held",
    code_resent: () => "no SMS yet: asks for another one",
    code_claimed: ({ ms }) => `SMS is there, code taken${ms == null ? "" : ` (${seconds(ms)} s)`}`,
    code_submitted: () => "code typed",
    code_refused: () => "the site refused the code",
    verifying: () => "looking whether it is logged in",
    login_done: ({ ms }) => `ready in ${seconds(ms)} s`,
    login_failed: (fields) => `login failed: ${why(fields)}`,
    held: (fields) => `needs a person: ${why(fields)}`,
    promoted: (fields) => `is the primary now (${why(fields)})`,
    backup_due: ({ ms }) => `backup due in ${seconds(ms)} s`,
    session_expired: (fields) => `over (${why(fields)})`,
    account_removed: () => "has no account any more: both sessions end",
    one_session_per_account: () => "the site allows one session per account",
    logged_out: () => "logged out",
  },
  happenings: {
    code_sent: () => "sends a code by SMS",
    sms_lost: (code) => `SMS ${code} is lost`,
    sms_forwarded: (code, of) => `the phone forwards SMS ${code} to /webhook/sms → ${of}`,
    sms_not_forwarded: (code) => `the phone cannot forward SMS ${code}`,
    code_used: () => "code right",
    code_wrong: () => "code wrong",
    code_expired: () => "code too late",
    code_reused: () => "code was used before",
    password_wrong: () => "password wrong",
    locked: () => "account locked",
    expired: () => "a session has expired",
    ended: (_, of) => `${of} session(s) ended from outside`,
  },
};

export const KOREAN: PortalMessages = {
  portal: "포털",
  site: "포털 사이트",
  account: "계정",
  tryFailover: "주 세션을 끊고 예비 세션이 이어받는 모습을 보려면:",
  failed: (reason) => `시뮬레이션 포털을 준비하지 못했습니다(${reason}). 나머지는 동작합니다.`,
  slot: (slot) => `세션 ${slot}`,
  steps: {
    started: () => "이제부터 세션 두 개를 유지합니다",
    stopped: () => "더 이상 유지하지 않습니다",
    resumed: () => "사람이 확인하여 계속합니다",
    deployed: () => "다른 버전의 Baton이 실행됩니다",
    login_started: () => "로그인 시작",
    browser: () => "브라우저 열림",
    credentials_sent: () => "아이디와 비밀번호 입력",
    code_asked: () => "인증번호 요청됨. 문자를 기다립니다(브라우저는 놓아 둠)",
    code_resent: () => "문자가 없어 다시 요청",
    code_claimed: ({ ms }) => `문자 도착, 인증번호 확보${ms == null ? "" : `(${seconds(ms)}초)`}`,
    code_submitted: () => "인증번호 입력",
    code_refused: () => "사이트가 인증번호를 거절",
    verifying: () => "로그인 확인 중",
    login_done: ({ ms }) => `${seconds(ms)}초 만에 준비됨`,
    login_failed: (fields) => `로그인 실패: ${whyInKorean(fields)}`,
    held: (fields) => `사람이 필요합니다: ${whyInKorean(fields)}`,
    promoted: (fields) => `주 세션이 됨(${whyInKorean(fields)})`,
    backup_due: ({ ms }) => `${seconds(ms)}초 뒤 예비 세션 로그인`,
    session_expired: (fields) => `만료(${whyInKorean(fields)})`,
    account_removed: () => "계정이 없어져 두 세션을 끝냄",
    one_session_per_account: () => "계정당 세션 하나만 허용하는 사이트",
    logged_out: () => "로그아웃",
  },
  happenings: {
    code_sent: () => "인증번호 문자 발송",
    sms_lost: (code) => `문자 ${code} 유실`,
    sms_forwarded: (code, of) => `휴대전화가 문자 ${code}를 /webhook/sms로 전달 → ${of}`,
    sms_not_forwarded: (code) => `휴대전화가 문자 ${code}를 전달하지 못함`,
    code_used: () => "인증번호 맞음",
    code_wrong: () => "인증번호 틀림",
    code_expired: () => "인증번호 시간 초과",
    code_reused: () => "이미 쓴 인증번호",
    password_wrong: () => "비밀번호 틀림",
    locked: () => "계정 잠김",
    expired: () => "세션 만료",
    ended: (_, of) => `밖에서 세션 ${of}개를 끊음`,
  },
};
