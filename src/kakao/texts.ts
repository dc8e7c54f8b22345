/** A day's and all counts of an account, for `/status`. */
export type AccountStats = {
  inboundToday: number;
  inboundTotal: number;
  outboundToday: number;
  outboundTotal: number;
  outboundFailed: number;
};

/** What users of a KakaoTalk channel read. */
export const TEXTS = {
  unpaired:
    "OpenClaw에 연결되어 있지 않습니다.\n\n연결하려면 페어링 코드를 받은 다음\n/pair <코드>\n를 입력하세요.\n\n도움말: /help",
  paired: "✅ OpenClaw에 연결되었습니다!\n이제 자유롭게 대화해 보세요.",
  alreadyPaired: "이미 연결되어 있습니다.\n먼저 /unpair 로 연결을 끊은 다음 다시 연결하세요.",
  badCode:
    "❌ 올바르지 않은 코드입니다.\n코드를 확인하고 다시 입력하세요. 코드는 5분 동안 한 번만 쓸 수 있습니다.",
  pairFailed: "❌ 연결하는 중에 오류가 났습니다.\n잠시 뒤에 다시 시도하세요.",
  tooManyCodes: (minutes: number) =>
    `❌ 틀린 코드를 여러 번 입력했습니다.\n${minutes}분 뒤에 다시 시도하세요.`,
  unpairedNow: "연결을 끊었습니다.\n다시 연결하려면 /pair <코드> 를 입력하세요.",
  notPaired: "연결된 OpenClaw가 없습니다.",
  unpairFailed: "연결을 끊지 못했습니다.\n잠시 뒤에 다시 시도하세요.",
  status: (stats: AccountStats | null, connectedAt: string | null) =>
    [
      "✅ 연결됨",
      ...(stats
        ? [
            "",
            `📊 오늘: 받음 ${stats.inboundToday}건, 보냄 ${stats.outboundToday}건 (실패 ${stats.outboundFailed}건)`,
            `📈 전체: 받음 ${stats.inboundTotal}건, 보냄 ${stats.outboundTotal}건`,
          ]
        : []),
      "",
      `🕒 연결한 때: ${connectedAt ?? "알 수 없음"}`,
    ].join("\n"),
  statusUnpaired: "❌ 연결되어 있지 않습니다.\n/pair <코드> 로 연결하세요.",
  help: [
    "📖 도움말",
    "",
    "이 챗봇은 OpenClaw 에이전트와의 대화를 이어 줍니다.",
    "",
    "/pair <코드> - OpenClaw에 연결합니다",
    "/unpair - 연결을 끊습니다",
    "/status - 연결 상태를 봅니다",
    "/help - 이 도움말을 봅니다",
  ].join("\n"),
  /** The agent needs longer than the request could wait. */
  answerComesLater:
    "아직 답을 준비하고 있습니다.\n준비되면 다음 메시지에 함께 보내 드립니다. 잠시 뒤에 아무 말이나 보내 보세요.",
  /** The message could not be kept. */
  tryAgain: "메시지를 전달하지 못했습니다.\n잠시 뒤에 다시 보내 주세요.",
} as const;

/** `YYYY-MM-DD HH:MM:SS` in Korea. */
export function koreanTime(ms: number): string {
  return new Date(ms + 9 * 60 * 60_000).toISOString().slice(0, 19).replace("T", " ");
}
