/** What a skill server answers Kakao, version 2.0. */
export type SkillResponse = {
  version: string;
  template: { outputs: unknown[]; [key: string]: unknown };
};

/** A plain text. */
export function textResponse(text: string): SkillResponse {
  return { version: "2.0", template: { outputs: [{ simpleText: { text } }] } };
}

/** The answer comes through the callback URL; until then Kakao shows the text, when there is one. */
export function callbackAck(waitingText: string) {
  const ack = { version: "2.0", useCallback: true };
  return waitingText === "" ? ack : { ...ack, data: { text: waitingText } };
}
