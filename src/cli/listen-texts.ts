/** What `baton listen` says. */
export const LISTEN_ENGLISH = {
  summary: "hand a source's events on to a server on this machine, and put its answers on record",
  sources: "sources: ids or slugs",
  forward: "the local server: a URL, or a port of localhost",
  name: (name: string) =>
    `its name in the list of destinations (${name}); listeners of one name share the events`,
  since:
    "where to begin: now, all, 2h (ago), a time, or behind an event's id; else where it stopped",
  match: "hand on only what matches: JSON as in rules, @file or -",
  method: "only this HTTP method",
  path: "only this path; * stands for any characters",
  text: "only bodies that have this text",
  concurrency: (count: number) => `local calls at a time (${count}); 1 keeps the order`,
  callTimeout: (seconds: number) => `how long a local call may take, in seconds (${seconds})`,
  once: "end after the first event: 0 when the answer was 2xx, else 1",
  timeout: "with --once: how long to wait for it, in seconds",
  listening: (sources: string, url: string, name: string) =>
    `${sources} → ${url} as ${name}; Ctrl-C stops it.`,
  goesOn: "It goes on where it stopped before.",
  stopping: "Stopping: what is under way has 10 s to end.",
  stopped: "Stopped. The same command goes on from here; nothing is lost meanwhile.",
  cutOff: (count: number) =>
    `${count} calls did not end in time; they are tried again when a listener is back.`,
  again: (time: string, attempt: number) => `again at ${time} (try ${attempt})`,
  givenUp: "not tried again",
  unrecorded: "its outcome could not be recorded: it will be tried again",
  leaseEnded: (status: string) => `its claim has ended; the delivery is ${status}`,
  waitingForApi: (why: string) => `${why} It tries again.`,
  apiIsBack: "The API answers again.",
  bodyGone: "the stored body is gone",
  badForward: (text: string) =>
    `--forward ${text} is no address. Write a URL or a port, e.g. --forward http://localhost:3000`,
  badSince: (text: string) =>
    `--since ${text} cannot be read. Write now, all, 2h (ago), 2026-11-21T09:00:00Z or an event's id`,
  timeoutWithoutOnce: "--timeout goes with --once. Add it, or leave --timeout out.",
  noneInTime: (seconds: number) => `No event came within ${seconds} s.`,
  onceFailed: "The event was not taken with 2xx. See why: baton deliveries get <id>",
  twice: (name: string) => `${name} is named twice. Leave one out.`,
  locked: (source: string, name: string, pid: string) =>
    `Another listener on this machine takes ${source} as ${name} (process ${pid}). Stop it, or give this one another --name`,
  brokenState: (file: string) =>
    `${file} does not say where it stopped. Remove it, or say where to begin: --since now`,
  stateUnwritable: (file: string, why: string) =>
    `${file} cannot be written (${why}): the next start would not know where this one stopped`,
};

export const LISTEN_KOREAN: typeof LISTEN_ENGLISH = {
  summary: "소스의 이벤트를 이 컴퓨터의 서버로 넘기고 그 응답을 기록합니다",
  sources: "소스: id나 slug",
  forward: "로컬 서버: URL이나 localhost의 포트",
  name: (name) =>
    `목적지 목록에 보이는 이름(${name}). 이름이 같은 리스너는 이벤트를 나누어 받습니다`,
  since:
    "시작할 곳: now, all, 2h(두 시간 전), 시각, 이벤트 id의 다음. 없으면 멈춘 곳부터 이어 갑니다",
  match: "맞는 것만 넘깁니다: 규칙과 같은 JSON, @파일, -",
  method: "이 HTTP 메서드만",
  path: "이 경로만. *는 아무 글자나",
  text: "본문에 이 글자가 있는 것만",
  concurrency: (count) => `동시에 부르는 횟수(${count}). 1이면 순서를 지킵니다`,
  callTimeout: (seconds) => `로컬 호출 하나가 걸릴 수 있는 초(${seconds})`,
  once: "첫 이벤트 뒤에 끝냅니다: 응답이 2xx면 0, 아니면 1",
  timeout: "--once와 함께: 기다리는 초",
  listening: (sources, url, name) => `${sources} → ${url}, 이름 ${name}. Ctrl-C를 누르면 멈춥니다.`,
  goesOn: "지난번에 멈춘 곳부터 이어 갑니다.",
  stopping: "멈추는 중: 진행 중인 것을 10초까지 기다립니다.",
  stopped: "멈췄습니다. 같은 명령이 여기서부터 이어 갑니다. 그동안 잃는 것은 없습니다.",
  cutOff: (count) =>
    `호출 ${count}개가 시간 안에 끝나지 않았습니다. 리스너가 돌아오면 다시 시도합니다.`,
  again: (time, attempt) => `${time}에 다시(${attempt}번째 시도)`,
  givenUp: "다시 시도하지 않습니다",
  unrecorded: "결과를 기록하지 못했습니다. 다시 시도합니다",
  leaseEnded: (status) => `점유가 끝났습니다. 전달 상태: ${status}`,
  waitingForApi: (why) => `${why} 다시 시도합니다.`,
  apiIsBack: "API가 다시 응답합니다.",
  bodyGone: "저장된 본문이 없습니다",
  badForward: (text) =>
    `--forward ${text}: 주소가 아닙니다. URL이나 포트로 쓰세요(예: --forward http://localhost:3000)`,
  badSince: (text) =>
    `--since ${text}: 읽을 수 없습니다. now, all, 2h(두 시간 전), 2026-11-21T09:00:00Z, 이벤트 id 가운데 하나로 쓰세요`,
  timeoutWithoutOnce: "--timeout은 --once와 함께 씁니다. --once를 붙이거나 --timeout을 빼세요.",
  noneInTime: (seconds) => `${seconds}초 안에 온 이벤트가 없습니다.`,
  onceFailed: "이벤트를 2xx로 받지 못했습니다. 이유를 보세요: baton deliveries get <id>",
  twice: (name) => `${name} 을 두 번 적었습니다. 하나를 빼세요.`,
  locked: (source, name, pid) =>
    `이 컴퓨터의 다른 리스너가 ${source} 을 ${name} 이름으로 받고 있습니다(프로세스 ${pid}). 그것을 멈추거나 다른 --name을 주세요`,
  brokenState: (file) =>
    `${file} 파일에서 멈춘 곳을 읽을 수 없습니다. 지우거나 시작할 곳을 주세요: --since now`,
  stateUnwritable: (file, why) =>
    `${file} 파일을 쓸 수 없습니다(${why}). 다음에 어디서 멈췄는지 알 수 없게 됩니다`,
};
