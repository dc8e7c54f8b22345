import type { CheckedChatVar } from "../chat-auth/settings.ts";
import type { CheckedVar } from "../kakao/settings.ts";
import type { Language } from "./language.ts";
import { ENGLISH as ENGLISH_PORTALS, KOREAN as KOREAN_PORTALS } from "./portal-messages.ts";

/** What to give for a variable of the Kakao relay; `max` is its largest number or length. */
type KakaoRemedies = Record<CheckedVar, (max: number) => string>;

/** Texts a person reads. Each error is one line that says how to mend it. */
export type Messages = typeof ENGLISH;

const ENGLISH = {
  usage: "Usage: npm start [-- --once | --with-portal | --help]",
  help: [
    "Usage: npm start              run everything on this machine",
    "       npm start -- --once    make one request through the whole path, say what happened, and stop",
    "       npm start -- --with-portal    the same with a simulated portal, its SMS codes and its sessions",
    "       npm run reset          empty the local data",
    "Environment: BATON_PORT (8787), BATON_RECEIVER_PORT (8788), BATON_STATE (.baton/state), BATON_HOST (127.0.0.1),",
    "  BATON_PUBLIC_URL (a tunnel's URL), BATON_TICK_MS (60000), BATON_LANG (en, ko), BATON_VAR_<NAME>, BATON_CHROMIUM, BATON_BUILT",
  ].join("\n"),
  unknownArgument: (word: string) =>
    `Unknown argument: ${word}. Usage: npm start [-- --once | --with-portal | --help]`,
  notTogether: (one: string, other: string) =>
    `${one} and ${other} do not go together; leave one out.`,
  portals: ENGLISH_PORTALS,
  badSetting: (name: string, value: string, remedy: string) =>
    `${name}=${value} cannot be used: ${remedy}.`,
  wholeNumber: (min: number, max: number, example: number) =>
    `give a whole number from ${min} to ${max}, e.g. ${example}`,
  mustDiffer: (name: string) => `it must differ from ${name}`,
  ipAddress: "give an IP address: 127.0.0.1 for this machine only, 0.0.0.0 for the whole LAN",
  enOrKo: "give en or ko",
  builtWorkers: "build the five Workers with npm run deploy -- --dry-run, and give dist",
  originOnly: "give an origin without a path, e.g. https://name.trycloudflare.com",
  variableName:
    "a variable's name has letters, digits and underscores, e.g. BATON_VAR_LOG_LEVEL=info",
  oneOf: (words: string) => `give one of ${words}`,
  kakaoVars: {
    CALLBACK_TTL_SECONDS: (max) => `give a whole number of seconds from 1 to ${max}, e.g. 55`,
    QUEUE_TTL_SECONDS: (max) => `give a whole number of seconds from 1 to ${max}, e.g. 900`,
    KAKAO_CALLBACK_ORIGINS: () =>
      "give origins without a path, separated by commas, e.g. http://127.0.0.1:18443",
    KAKAO_WAITING_TEXT: (max) => `give ${max} characters at most`,
  } satisfies KakaoRemedies,
  chatVars: {
    CLIENT_URL: "give origins without a path, separated by commas, e.g. https://chat.example.com",
    COGNITO_REGION: "give the region of COGNITO_POOL_ID, e.g. ap-northeast-2, or leave both empty",
    COGNITO_POOL_ID:
      "give a pool of COGNITO_REGION, e.g. ap-northeast-2_Ab1Cd2Ef3, or leave all of Cognito's empty",
    COGNITO_CLIENT_ID: "give an app client's id, letters and digits, or leave it empty",
    COGNITO_ISSUER:
      "give a URL without a query, e.g. http://127.0.0.1:9229/pool, or leave it empty",
  } satisfies Record<CheckedChatVar, string>,
  portInUse: (port: number, remedy: string) =>
    `Port ${port} is in use. Start with another one: ${remedy}`,
  stateInUse: (state: string) =>
    `A session already runs on ${state}. Stop it, or use another folder: BATON_STATE=.baton/state-2 npm start`,
  stateInUseForReset: (state: string) =>
    `A session runs on ${state}. Stop it first (Ctrl-C), then: npm run reset`,
  stateNotUsable: (state: string, why: string) =>
    `The folder ${state} cannot be used (${why}). Name another one: BATON_STATE=.baton/other npm start`,
  brokenSecrets: (path: string) =>
    `${path} cannot be read. Empty the local data and start again: npm run reset`,
  resetDone: (state: string) => `Emptied: ${state}`,
  preparing: "Preparing databases…",
  starting: "Starting the Workers…",
  databasesFailed: (log: string) =>
    `The databases could not be prepared; see ${log}. Try again, or: npm run reset`,
  notReady: (seconds: number, log: string) =>
    `The Workers did not answer within ${seconds} s; see ${log}`,
  wranglerDied: (code: string, log: string) =>
    `wrangler ended by itself (${code}); see ${log} and start again: npm start`,
  apiKeyDeleted: "The demo API key was deleted. A new one is ready; start again: npm start",
  demoFailed: (why: string) =>
    `The demo could not be set up (${why}). Everything else runs; npm run reset starts afresh.`,
  noChromium: (looked: string) =>
    `No Chromium (${looked}): browser sessions are off, everything else works. To have them: npm ci (x64 Linux), or apt-get install chromium`,
  jobFailed: (name: string, why: string) => `The job ${name} failed: ${why}`,
  cronWithoutJobs: (cron: string) => `No job is known for the cron "${cron}" (src/jobs/schemas.ts)`,
  stopping: "Stopping…",
  running: "Baton is running.",
  app: "App",
  ingest: "Ingest",
  receiver: "Receiver",
  apiKey: "API key",
  details: "Details",
  lan: "LAN",
  tryIt: "Try it:",
  wildcardForm: "Or, where *.localhost resolves (browsers, curl):",
  phoneForm: "Or a message, as a phone forwards it (docs/phone.md):",
  fromLan: "From a phone on the same network:",
  eventsFollow: "Events (host → rule → destination → status). Ctrl-C stops everything.",
  received: "receiver got",
  noRule: "no rule matched",
  noSource: "no source",
  kept: "kept",
  manual: "(by hand)",
  status: { succeeded: "succeeded", retrying: "retrying", failed: "failed" },
  workerError: "Worker error",
  once: {
    sending: (url: string) => `1. POST ${url}`,
    stored: (host: string, id: string, ms: number) => `2. ${host} stored it as ${id} (${ms} ms)`,
    delivered: (rule: string, destination: string, status: string, ms: number) =>
      `3. queue → rule ${rule} → destination ${destination}: ${status} (${ms} ms)`,
    received: (method: string, url: string, status: number, ms: number) =>
      `4. the receiver got ${method} ${url} and answered ${status} (${ms} ms)`,
    interrupted: "Stopped before the delivery arrived.",
    noDelivery: "no delivery",
    notStored: (status: number) =>
      `The request was not stored (${status}). See /health?deep=1 and wrangler.log.`,
    notDelivered: (seconds: number, seen: string, log: string) =>
      `The delivery did not arrive within ${seconds} s (${seen}); see ${log}`,
    notReceived: "The delivery is recorded as succeeded, but the receiver has not seen it.",
    done: (ms: number) => `Delivered in ${ms} ms.`,
  },
};

const KOREAN: Messages = {
  usage: "사용법: npm start [-- --once | --with-portal | --help]",
  help: [
    "사용법: npm start              이 컴퓨터에서 모두 실행합니다",
    "        npm start -- --once    요청 하나를 끝까지 보내 보고 결과를 알린 뒤 멈춥니다",
    "        npm start -- --with-portal    시뮬레이션 포털과 문자 인증, 세션까지 함께 실행합니다",
    "        npm run reset          로컬 데이터를 비웁니다",
    "환경 변수: BATON_PORT (8787), BATON_RECEIVER_PORT (8788), BATON_STATE (.baton/state), BATON_HOST (127.0.0.1),",
    "  BATON_PUBLIC_URL (터널 주소), BATON_TICK_MS (60000), BATON_LANG (en, ko), BATON_VAR_<이름>, BATON_CHROMIUM, BATON_BUILT",
  ].join("\n"),
  unknownArgument: (word) =>
    `알 수 없는 인자입니다: ${word}. 사용법: npm start [-- --once | --with-portal | --help]`,
  notTogether: (one, other) => `${one} 및 ${other} 옵션은 함께 쓸 수 없습니다. 하나를 빼세요.`,
  portals: KOREAN_PORTALS,
  badSetting: (name, value, remedy) => `${name}=${value} 값을 쓸 수 없습니다: ${remedy}.`,
  wholeNumber: (min, max, example) => `${min}부터 ${max}까지의 정수를 넣으세요(예: ${example})`,
  mustDiffer: (name) => `${name} 값과 달라야 합니다`,
  ipAddress: "IP 주소를 넣으세요. 이 컴퓨터만 쓰려면 127.0.0.1, 같은 네트워크에 열려면 0.0.0.0",
  enOrKo: "en 또는 ko를 넣으세요",
  builtWorkers: "npm run deploy -- --dry-run으로 Worker 다섯 개를 빌드한 뒤 dist를 넣으세요",
  originOnly: "경로 없는 주소를 넣으세요(예: https://name.trycloudflare.com)",
  variableName: "이름에는 영문자, 숫자, 밑줄만 쓸 수 있습니다(예: BATON_VAR_LOG_LEVEL=info)",
  oneOf: (words) => `${words} 가운데 하나를 주세요`,
  kakaoVars: {
    CALLBACK_TTL_SECONDS: (max) => `1부터 ${max}까지의 초를 정수로 주세요. 예: 55`,
    QUEUE_TTL_SECONDS: (max) => `1부터 ${max}까지의 초를 정수로 주세요. 예: 900`,
    KAKAO_CALLBACK_ORIGINS: () =>
      "경로 없는 오리진을 쉼표로 나누어 주세요. 예: http://127.0.0.1:18443",
    KAKAO_WAITING_TEXT: (max) => `${max}자까지 줄 수 있습니다`,
  },
  chatVars: {
    CLIENT_URL: "경로 없는 오리진을 쉼표로 나누어 주세요. 예: https://chat.example.com",
    COGNITO_REGION: "COGNITO_POOL_ID의 리전을 주거나(예: ap-northeast-2) 둘 다 비우세요",
    COGNITO_POOL_ID:
      "COGNITO_REGION에 있는 풀을 주거나(예: ap-northeast-2_Ab1Cd2Ef3) Cognito 변수를 모두 비우세요",
    COGNITO_CLIENT_ID: "앱 클라이언트 ID(영문자와 숫자)를 주거나 비우세요",
    COGNITO_ISSUER: "쿼리 없는 URL을 주거나(예: http://127.0.0.1:9229/pool) 비우세요",
  },
  portInUse: (port, remedy) =>
    `포트 ${port}번을 이미 쓰고 있습니다. 다른 포트로 시작하세요: ${remedy}`,
  stateInUse: (state) =>
    `${state} 폴더로 이미 실행 중입니다. 먼저 멈추거나 다른 폴더를 쓰세요: BATON_STATE=.baton/state-2 npm start`,
  stateInUseForReset: (state) =>
    `${state} 폴더로 실행 중입니다. 먼저 멈춘 뒤(Ctrl-C) 다시 실행하세요: npm run reset`,
  stateNotUsable: (state, why) =>
    `${state} 폴더를 쓸 수 없습니다(${why}). 다른 폴더를 지정하세요: BATON_STATE=.baton/other npm start`,
  brokenSecrets: (path) =>
    `${path} 파일을 읽을 수 없습니다. 로컬 데이터를 비우고 다시 시작하세요: npm run reset`,
  resetDone: (state) => `비웠습니다: ${state}`,
  preparing: "데이터베이스를 준비하고 있습니다…",
  starting: "Worker를 시작하고 있습니다…",
  databasesFailed: (log) =>
    `데이터베이스를 준비하지 못했습니다. ${log} 파일을 보고 다시 시도하거나: npm run reset`,
  notReady: (seconds, log) =>
    `${seconds}초 안에 Worker가 응답하지 않았습니다. ${log} 파일을 보세요`,
  wranglerDied: (code, log) =>
    `wrangler가 스스로 끝났습니다(${code}). ${log} 파일을 보고 다시 시작하세요: npm start`,
  apiKeyDeleted: "데모 API 키가 삭제되어 새로 만들었습니다. 다시 시작하세요: npm start",
  demoFailed: (why) =>
    `데모를 만들지 못했습니다(${why}). 나머지는 동작합니다. npm run reset으로 새로 시작할 수 있습니다.`,
  noChromium: (looked) =>
    `Chromium이 없습니다(${looked}). 브라우저 세션만 꺼지고 나머지는 동작합니다. 설치: npm ci(x64 Linux) 또는 apt-get install chromium`,
  jobFailed: (name, why) => `작업 ${name} 실패: ${why}`,
  cronWithoutJobs: (cron) => `크론 "${cron}"에 해당하는 작업이 없습니다(src/jobs/schemas.ts)`,
  stopping: "멈추고 있습니다…",
  running: "Baton이 실행 중입니다.",
  app: "앱",
  ingest: "수신 주소",
  receiver: "받는 서버",
  apiKey: "API 키",
  details: "접속 정보",
  lan: "같은 네트워크",
  tryIt: "이렇게 보내 보세요:",
  wildcardForm: "*.localhost 주소를 쓸 수 있는 곳(브라우저, curl)에서는:",
  phoneForm: "휴대전화가 전달하는 문자는 이렇게 보냅니다(docs/phone.ko.md):",
  fromLan: "같은 네트워크의 휴대전화에서는:",
  eventsFollow: "이벤트(호스트 → 규칙 → 목적지 → 상태). Ctrl-C를 누르면 모두 멈춥니다.",
  received: "받는 서버가 받음",
  noRule: "맞는 규칙 없음",
  noSource: "해당 소스 없음",
  kept: "보관함",
  manual: "(직접 보냄)",
  status: { succeeded: "성공", retrying: "재시도 대기", failed: "실패" },
  workerError: "Worker 오류",
  once: {
    sending: (url) => `1. POST ${url}`,
    stored: (host, id, ms) => `2. ${host}: ${id} 저장됨 (${ms}ms)`,
    delivered: (rule, destination, status, ms) =>
      `3. 큐 → 규칙 ${rule} → 목적지 ${destination}: ${status} (${ms}ms)`,
    received: (method, url, status, ms) =>
      `4. 받는 서버: ${method} ${url} 받고 ${status} 응답 (${ms}ms)`,
    interrupted: "전달되기 전에 멈췄습니다.",
    noDelivery: "전달 기록 없음",
    notStored: (status) =>
      `요청이 저장되지 않았습니다(${status}). /health?deep=1 응답과 wrangler.log를 보세요.`,
    notDelivered: (seconds, seen, log) =>
      `${seconds}초 안에 전달되지 않았습니다(${seen}). ${log} 파일을 보세요`,
    notReceived: "전달 기록은 성공이지만 받는 서버에는 기록이 없습니다.",
    done: (ms) => `${ms}ms 만에 전달되었습니다.`,
  },
};

export function messagesIn(language: Language): Messages {
  return { en: ENGLISH, ko: KOREAN }[language];
}
