import type { Language } from "../local/language.ts";
import { NOTICE_TEXTS, type NoticeTexts } from "./tail-notice-texts.ts";
import type { StatusWords } from "./tail-say-status.ts";

/** Texts of `baton tail` that a person reads. Each error is one line that says how to mend it. */
export type TailTexts = typeof ENGLISH;

const lines = (count: number) => `${count} ${count === 1 ? "line" : "lines"}`;

const ENGLISH = {
  notices: NOTICE_TEXTS.en as NoticeTexts,
  summary: "follow log files and tell a source of each line that matches",
  flags: {
    files: "files or globs; they need not exist yet",
    source: "where alerts go: a source's slug, or its URL",
    match: "a text that the line has, or a regex of RE2 syntax: /…/ or /…/i",
    checkpoint: "where it writes down how far it is; one file per process (default: %s)",
    encoding: "utf-8 or euc-kr (with all of CP949)",
    multiline: "lines until the next one that matches this regex are one entry",
    from: "at the very first start: end or beginning of the files",
    cooldown:
      "after an alert, so long further ones of its file are told together; 0: each (default: 60)",
    maxAge: "tell lines from before the start that are older in one alert",
    senderKey: "key of the source's sender",
    header: "a further header of each request, as `name: value`; repeatable",
    statusJson:
      "a line of JSON on stderr every so many seconds, 0 for none (default: 60 off a terminal)",
    status:
      "show what the agent on this checkpoint last wrote; exit code 0 when it runs and nothing is wrong, else 1",
    json: "with --status: as JSON",
    installSystemd:
      "write a systemd unit and its environment file into this folder (default: baton-tail)",
    unit: "with --install-systemd: the unit's name",
  },
  help: "Exit codes: 0 stopped, all sent · 1 cannot begin (checkpoint in use, no such source) · 2 usage · 4 API key · 5 stopped with alerts left for the next start · 130 a second signal: the same, at once",
  nameFiles:
    "No file is named. Name at least one file or glob: baton tail /var/log/app.log --source SLUG --match ERROR",
  nameSource: "No source is named. Give its slug or its URL: --source SLUG",
  nameMatch:
    "Nothing says which lines to tell. Give a text or a regex: --match ERROR or --match '/error|fatal/i'",
  badSource:
    "--source is neither a slug nor a URL. Give the slug that `baton sources ls` shows, or an http(s) URL without user and password",
  badHeader:
    "--header cannot be used. Give it as 'name: value', or all as one JSON object of texts",
  badSeconds: (flag: string, text: string) =>
    `${flag} is "${text}". Give seconds, 0 to 2000000, e.g. ${flag} 60`,
  badTest: (flag: string, why: string) => `${flag}: ${why}`,
  oneOf: (flag: string, text: string, known: string) =>
    `${flag} is "${text}". Give one of: ${known}`,
  locked: (file: string, pid: number | undefined) =>
    `Process ${pid ?? "(unknown)"} already works with the checkpoint ${file}. Stop it first, or give this one a file of its own: --checkpoint FILE`,
  checkpointUnusable: (file: string, why: string) =>
    `The folder of the checkpoint ${file} cannot be used (${why}). Name a file that this user may write: --checkpoint FILE`,
  noDedup: (slug: string, command: string) =>
    `The source ${slug} does not know repeated alerts again: after a crash some may come twice. To change that: ${command}`,
  disabled: (slug: string) =>
    `The source ${slug} is disabled: alerts wait until it is enabled. baton sources update ${slug} --data '{"enabled":true}'`,
  needsSender: (slug: string) =>
    `The source ${slug} lets in registered senders only: give a sender's key with --sender-key or BATON_SENDER_KEY`,
  following: (patterns: string, source: string, checkpoint: string) =>
    `Following ${patterns} → ${source}. Checkpoint: ${checkpoint}`,
  stopping: "Stopping: what is read is sent, for 10 s at most. Once more to stop at once.",
  stopped: (unread: number, sent: number) =>
    `Stopped. ${lines(sent)} sent, no alert left${unread > 0 ? `; ${unread} bytes not read yet` : ""}.`,
  left: (queued: number, unread: number, sent: number) =>
    `Stopped with ${queued} ${queued === 1 ? "alert" : "alerts"} not acknowledged (${unread} bytes of the files), ${lines(sent)} sent. The next start sends the rest.`,
  statusUnwritable: (file: string, why: string) =>
    `${file} cannot be written (${why}): --status shows old figures. Alerts go on.`,
  statusUnreadable: (file: string, why: string) =>
    `${file} cannot be read (${why}). Ask as the agent's user, or with sudo`,
  noStatus: (file: string) =>
    `No agent has written ${file} yet. Start one, or name its checkpoint: --checkpoint FILE`,
  isRunning: (pid: number, host: string, seconds: number) =>
    `running (pid ${pid} on ${host}, written ${seconds} s ago)`,
  isNotRunning: (updatedAt: string) => `not running (last written ${updatedAt})`,
  isStale: (pid: number) => `It runs and writes nothing any more: look at process ${pid}.`,
  installed: "To start it now and at every boot:",
  tmpHidden: (pattern: string) =>
    `The service has a /tmp of its own and does not see ${pattern}. Follow a file elsewhere.`,
  npxCache: (path: string) =>
    `${path} is in npx's cache, which may be emptied. Install baton (npm install -g) and write the unit with that.`,
  badUnit: (name: string) => `--unit is "${name}". Use letters, digits and -, e.g. baton-tail`,
  cannotWrite: (folder: string, why: string) =>
    `${folder} cannot be written (${why}). Name another folder: --install-systemd FOLDER`,
  status: {
    files: (count) => `${count} ${count === 1 ? "file" : "files"}`,
    lag: (bytes) => `lag ${bytes}`,
    lines: (seen, matched, sent) => `lines ${seen} seen, ${matched} matched, ${sent} sent`,
    noneAcknowledged: "none acknowledged yet",
    lastAcknowledged: (seconds) => `last acknowledged ${seconds} s ago`,
    waitingFor: (patterns) => `waiting for ${patterns}`,
  } satisfies StatusWords as StatusWords,
};

const KOREAN: TailTexts = {
  notices: NOTICE_TEXTS.ko,
  summary: "로그 파일을 따라가며 조건에 맞는 줄을 소스로 알립니다",
  flags: {
    files: "파일 또는 글롭. 아직 없어도 됩니다",
    source: "알림을 보낼 소스의 슬러그 또는 URL",
    match: "줄에 들어 있는 글자, 또는 RE2 정규식 /…/, /…/i",
    checkpoint: "어디까지 읽었는지 적는 파일. 프로세스마다 하나씩 (기본: %s)",
    encoding: "utf-8 또는 euc-kr (CP949 전체)",
    multiline: "이 정규식에 맞는 다음 줄 전까지를 한 항목으로 묶습니다",
    from: "처음 시작할 때 읽을 위치: end(끝) 또는 beginning(처음)",
    cooldown: "알림 뒤 이 시간(초) 동안 같은 파일의 알림을 묶습니다. 0이면 모두 따로 (기본: 60)",
    maxAge: "시작 전에 적힌, 이보다(초) 오래된 줄은 알림 하나로 묶습니다",
    senderKey: "소스 발신자의 키",
    header: "요청마다 덧붙일 헤더 `name: value`. 여러 번 쓸 수 있습니다",
    statusJson: "stderr에 몇 초마다 JSON 한 줄. 0이면 없음 (터미널이 아니면 기본 60)",
    status:
      "이 체크포인트의 에이전트가 남긴 상태를 봅니다. 실행 중이고 문제가 없으면 종료 코드 0, 아니면 1",
    json: "--status와 함께: JSON으로",
    installSystemd: "systemd 유닛과 환경 파일을 이 폴더에 씁니다 (기본: baton-tail)",
    unit: "--install-systemd와 함께: 유닛 이름",
  },
  help: "종료 코드: 0 모두 보내고 멈춤 · 1 시작할 수 없음(체크포인트 사용 중, 소스 없음) · 2 사용법 · 4 API 키 · 5 남은 알림은 다음 시작 때 보냄 · 130 신호가 두 번: 같지만 바로 멈춤",
  nameFiles:
    "파일이 없습니다. 파일이나 글롭을 하나 이상 쓰세요: baton tail /var/log/app.log --source SLUG --match ERROR",
  nameSource: "소스가 없습니다. 슬러그나 URL을 쓰세요: --source SLUG",
  nameMatch:
    "어떤 줄을 알릴지 정해지지 않았습니다. 글자나 정규식을 쓰세요: --match ERROR 또는 --match '/error|fatal/i'",
  badSource:
    "--source 값이 슬러그도 URL도 아닙니다. `baton sources ls`에 나오는 슬러그나, 사용자와 암호가 없는 http(s) URL을 쓰세요",
  badHeader:
    "--header 값을 쓸 수 없습니다. 'name: value' 형식이나, 글자로만 된 JSON 객체 하나로 쓰세요",
  badSeconds: (flag, text) => `${flag} 값이 "${text}"입니다. 0~2000000초로 쓰세요(예: ${flag} 60)`,
  badTest: (flag, why) => `${flag}: ${why}`,
  oneOf: (flag, text, known) => `${flag} 값이 "${text}"입니다. 다음 중 하나를 쓰세요: ${known}`,
  locked: (file, pid) =>
    `프로세스 ${pid ?? "(알 수 없음)"}가 이미 체크포인트 ${file} 파일을 쓰고 있습니다. 먼저 멈추거나 다른 파일을 쓰세요: --checkpoint FILE`,
  checkpointUnusable: (file, why) =>
    `체크포인트 ${file} 파일의 폴더를 쓸 수 없습니다(${why}). 이 사용자가 쓸 수 있는 파일을 정하세요: --checkpoint FILE`,
  noDedup: (slug, command) =>
    `${slug} 소스는 다시 온 알림을 구별하지 않아, 비정상 종료 뒤 두 번 올 수 있습니다. 바꾸려면: ${command}`,
  disabled: (slug) =>
    `${slug} 소스가 꺼져 있어, 켤 때까지 알림이 기다립니다. baton sources update ${slug} --data '{"enabled":true}'`,
  needsSender: (slug) =>
    `${slug} 소스는 등록된 발신자만 받습니다. --sender-key 또는 BATON_SENDER_KEY로 키를 주세요`,
  following: (patterns, source, checkpoint) =>
    `${patterns} → ${source} 따라가는 중. 체크포인트: ${checkpoint}`,
  stopping: "멈추는 중: 읽은 것을 최대 10초 동안 보냅니다. 한 번 더 누르면 바로 멈춥니다.",
  stopped: (unread, sent) =>
    `멈췄습니다. ${sent}줄을 보냈고 남은 알림이 없습니다${unread > 0 ? `. 아직 읽지 않은 것: ${unread}바이트` : ""}.`,
  left: (queued, unread, sent) =>
    `확인받지 못한 알림 ${queued}개(파일의 ${unread}바이트)를 두고 멈췄습니다. 보낸 줄: ${sent}. 나머지는 다음 시작 때 보냅니다.`,
  statusUnwritable: (file, why) =>
    `${file} 파일을 쓸 수 없어(${why}) --status가 옛 값을 보여 줍니다. 알림은 계속됩니다.`,
  statusUnreadable: (file, why) =>
    `${file} 파일을 읽을 수 없습니다(${why}). 에이전트의 사용자로, 또는 sudo로 실행하세요`,
  noStatus: (file) =>
    `${file} 파일을 쓴 에이전트가 아직 없습니다. 시작하거나 체크포인트를 정하세요: --checkpoint FILE`,
  isRunning: (pid, host, seconds) => `실행 중 (pid ${pid}, ${host}, ${seconds}초 전 기록)`,
  isNotRunning: (updatedAt) => `실행 중이 아님 (마지막 기록 ${updatedAt})`,
  isStale: (pid) => `실행 중이지만 더는 기록하지 않습니다. 프로세스 ${pid}를 살펴보세요.`,
  installed: "지금부터, 그리고 부팅할 때마다 시작하려면:",
  tmpHidden: (pattern) =>
    `서비스는 자기만의 /tmp를 쓰므로 ${pattern} 파일을 보지 못합니다. 다른 곳의 파일을 쓰세요.`,
  npxCache: (path) =>
    `${path} 파일은 npx 캐시에 있어 지워질 수 있습니다. baton을 설치(npm install -g)한 뒤 그것으로 유닛을 쓰세요.`,
  badUnit: (name) => `--unit 값이 "${name}"입니다. 영문자, 숫자, -만 쓰세요(예: baton-tail)`,
  cannotWrite: (folder, why) =>
    `${folder} 폴더에 쓸 수 없습니다(${why}). 다른 폴더를 정하세요: --install-systemd FOLDER`,
  status: {
    files: (count) => `파일 ${count}개`,
    lag: (bytes) => `남음 ${bytes}`,
    lines: (seen, matched, sent) => `읽은 줄 ${seen}, 맞은 줄 ${matched}, 보낸 줄 ${sent}`,
    noneAcknowledged: "아직 확인받은 것 없음",
    lastAcknowledged: (seconds) => `마지막 확인 ${seconds}초 전`,
    waitingFor: (patterns) => `기다리는 중: ${patterns}`,
  },
};

export const TAIL_TEXTS = { en: ENGLISH, ko: KOREAN } satisfies Record<Language, TailTexts>;
