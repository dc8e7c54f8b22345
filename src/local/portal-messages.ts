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
    login_failed: (fields) => `로그인 실패: ${why(fields)}`,
    held: (fields) => `사람이 필요합니다: ${why(fields)}`,
    promoted: (fields) => `주 세션이 됨(${why(fields)})`,
    backup_due: ({ ms }) => `${seconds(ms)}초 뒤 예비 세션 로그인`,
    session_expired: (fields) => `만료(${why(fields)})`,
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
