/** What `baton kakao` says. */
export const KAKAO_ENGLISH = {
  group: "try a KakaoTalk channel without KakaoTalk",
  simulate:
    "be a user of a KakaoTalk channel: each line is a message, and what the user would see is printed",
  agent: "a small agent: prints a pairing code, and answers each message",
  user: (name: string) => `who writes, any text (${name}); another name is another user`,
  source: "the channel's source: id or slug; else the deployment's own channel",
  noCallback: "as a chatbot that may not use callbacks yet",
  once: "write this one message and end: 0 when it was answered, else 1",
  token: "go on with this session instead of a new one",
  reply: "what it answers; {text} is the message",
  agentOnce: "end after the first message",
  ready: (url: string) => `You are a user of the channel at ${url}. Write a message; Ctrl-D ends.`,
  unpaired: "Not connected yet? baton kakao agent prints a code.",
  expired: "No answer came within 60 s: Kakao drops what comes later.",
  late: "The skill server did not answer within 5 s; the user sees Kakao's own excuse.",
  refused: (why: string) => `Kakao would not show this: ${why}`,
  noOrigins: (origin: string) =>
    `This deployment sends answers to Kakao only, so they would not come here. Give --no-callback, or start the local session with BATON_VAR_KAKAO_CALLBACK_ORIGINS=${origin}`,
  portsTaken: (ports: string) =>
    `Other simulators have the ports ${ports} already. End one, or give --no-callback`,
  unsigned:
    "This deployment asks for signatures (KAKAO_SIGNATURE_SECRET). Give the same secret here: KAKAO_SIGNATURE_SECRET=… baton kakao simulate",
  code: (code: string, minutes: number) =>
    `Pairing code: ${code} (${minutes} minutes). Write in KakaoTalk, or in baton kakao simulate: /pair ${code}`,
  goOn: (token: string) => `To go on later: baton kakao agent --token ${token}`,
  waiting: "Waiting for messages; Ctrl-C ends.",
  paired: (user: string) => `${user} is connected.`,
  unpairedNow: (user: string) => `${user} has ended the connection.`,
  codeExpired: "The pairing code has expired. Start again for a new one.",
  badToken: "This session is over. Start again without --token for a new one.",
  notTaken: (why: string) => `The answer was not taken: ${why}`,
  comesBack: (why: string) => `The stream has ended (${why}); coming back.`,
};

export const KAKAO_KOREAN: typeof KAKAO_ENGLISH = {
  group: "카카오톡 없이 카카오톡 채널을 써 봅니다",
  simulate:
    "카카오톡 채널의 사용자가 됩니다: 한 줄이 메시지 하나이고, 사용자가 볼 답을 보여 줍니다",
  agent: "작은 에이전트: 페어링 코드를 보여 주고 메시지마다 답합니다",
  user: (name) => `누가 쓰는지(${name}). 이름이 다르면 다른 사용자입니다`,
  source: "채널의 소스: id나 slug. 없으면 배포의 기본 채널",
  noCallback: "아직 콜백을 쓸 수 없는 챗봇처럼 보냅니다",
  once: "이 메시지 하나만 보내고 끝냅니다: 답이 오면 0, 아니면 1",
  token: "새 세션 대신 이 세션으로 이어 갑니다",
  reply: "보낼 답. {text}는 받은 메시지입니다",
  agentOnce: "첫 메시지 뒤에 끝냅니다",
  ready: (url) => `${url} 채널의 사용자입니다. 메시지를 쓰세요. Ctrl-D를 누르면 끝납니다.`,
  unpaired: "아직 연결하지 않았다면 baton kakao agent가 코드를 보여 줍니다.",
  expired: "60초 안에 답이 오지 않았습니다. 더 늦게 오는 답은 카카오가 버립니다.",
  late: "스킬 서버가 5초 안에 응답하지 않았습니다. 사용자는 카카오의 오류 안내를 봅니다.",
  refused: (why) => `카카오가 보여 주지 않을 응답입니다: ${why}`,
  noOrigins: (origin) =>
    `이 배포는 답을 카카오로만 보내므로 여기로는 오지 않습니다. --no-callback을 쓰거나 로컬 세션을 이렇게 시작하세요: BATON_VAR_KAKAO_CALLBACK_ORIGINS=${origin}`,
  portsTaken: (ports) =>
    `다른 시뮬레이터가 포트 ${ports} 을 쓰고 있습니다. 하나를 끝내거나 --no-callback을 쓰세요`,
  unsigned:
    "이 배포는 서명을 확인합니다(KAKAO_SIGNATURE_SECRET). 같은 비밀값을 주세요: KAKAO_SIGNATURE_SECRET=… baton kakao simulate",
  code: (code, minutes) =>
    `페어링 코드: ${code} (${minutes}분). 카카오톡이나 baton kakao simulate에서 이렇게 쓰세요: /pair ${code}`,
  goOn: (token) => `나중에 이어 가려면: baton kakao agent --token ${token}`,
  waiting: "메시지를 기다립니다. Ctrl-C를 누르면 끝납니다.",
  paired: (user) => `${user} 사용자가 연결했습니다.`,
  unpairedNow: (user) => `${user} 사용자가 연결을 끊었습니다.`,
  codeExpired: "페어링 코드의 시간이 지났습니다. 다시 시작하면 새 코드가 나옵니다.",
  badToken: "끝난 세션입니다. --token 없이 다시 시작하세요.",
  notTaken: (why) => `답을 받아 주지 않았습니다: ${why}`,
  comesBack: (why) => `스트림이 끝났습니다(${why}). 다시 연결합니다.`,
};
