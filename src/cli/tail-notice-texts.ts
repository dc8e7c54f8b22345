import type { Language } from "../local/language.ts";
import type { Notice, NoticeCode, NoticeValues } from "../tail/index.ts";

/** What the engine's notices say: each is one line that says how to mend it. */
export type NoticeTexts = { [Code in NoticeCode]: (values: NoticeValues[Code]) => string };

export function sayNotice(notice: Notice, texts: NoticeTexts): string {
  // Each code has the text of its own values; the compiler cannot follow that through a union.
  const say = texts[notice.code] as (values: Notice) => string;
  return say(notice);
}

const quoted = (text: string) => (text ? `: ${text}` : "");

const REMEDIES: Record<number, string> = {
  401: "Its verification asks for something else: give the headers that it expects.",
  403: "It does not let this sender in: look at its settings.",
  404: "There is no such source: check its name, or create it.",
  413: "The message is too long for it: cut lines shorter.",
};

const ENGLISH = {
  no_patterns: () => "Name at least one file or pattern to follow.",
  bad_pattern: ({ pattern }) => `"${pattern}" is no path and no glob; check its brackets.`,
  bad_number: ({ name, value, least }) =>
    `${name} is ${value}; give a number of at least ${least}.`,
  empty_match: () => "An empty text matches every line; to mean that, give /.*/",
  bad_flags: ({ match, flags }) =>
    `${match} has the flags ${flags}; the only one is i. Each line is matched by itself, so leave the others out.`,
  bad_regex: ({ match, reason }) => `${match} is not a regex of RE2 syntax: ${reason}`,
  checkpoint_unreadable: ({ path, reason }) =>
    `The checkpoint ${path} cannot be read (${reason}). Give a file that this user may read and write: --checkpoint FILE`,
  checkpoint_unwritable: ({ path, reason }) =>
    `The checkpoint ${path} cannot be written (${reason}): after a crash, alerts would be sent again. Make room, give this user the right to write there, or name another file: --checkpoint FILE`,
  checkpoint_restored: ({ path, aside }) =>
    `The checkpoint ${path} is damaged and was moved to ${aside}; going on from the one before. Some alerts may be sent twice.`,
  checkpoint_lost: ({ path, aside }) =>
    `The checkpoint ${path} is damaged and was moved to ${aside}; starting as at the first time. Lines written since it was saved may be missing: look at them by hand.`,
  own_file: ({ path }) =>
    `${path} is not followed: this program writes it, and each line told would make another.`,
  compressed: ({ path }) =>
    `${path} is compressed, no text: such files are not followed (said once for all of them).`,
  too_many_files: ({ path, limit }) =>
    `${path} and maybe others wait: ${limit} files are open already. Use narrower patterns, or several programs.`,
  too_many_folders: ({ path, limit }) =>
    `${path} and others are not looked at: a pattern leads to more than ${limit} folders. Use a narrower one.`,
  file_unreadable: ({ path, reason }) =>
    `${path} cannot be read (${reason}). Give this user the right to read it; until then it is waited for.`,
  file_unfollowed: ({ path, reason }) =>
    `${path} cannot be followed (${reason}). It is tried again.`,
  folder_unreadable: ({ path, reason }) =>
    `${path} cannot be looked at (${reason}). Give this user the right to list it and pass through.`,
  folder_unlisted: ({ path, reason }) =>
    `${path} cannot be listed (${reason}): files that are rotated there unseen would be missed. Give this user the right to list it.`,
  looking_failed: ({ reason }) => `Files cannot be looked for (${reason}). It is tried again.`,
  reading_failed: ({ path, reason }) =>
    `${path} could not be read (${reason}); it is opened again.`,
  generation_unreadable: ({ path, reason }) =>
    `${path} cannot be read (${reason}); its lines are missing. Give this user the right to read it.`,
  copy_unreadable: ({ path, reason }) =>
    `${path} cannot be read (${reason}); lines may be missing. Give this user the right to read it.`,
  file_rewritten: ({ path, offset }) =>
    `${path} was emptied or written anew while nothing followed it. Reading from its beginning; what else stood behind byte ${offset} of the old one is gone.`,
  file_replaced: ({ path, offset }) =>
    `${path} was replaced while nothing followed it, and the file read last is deleted or compressed. What it had behind byte ${offset} cannot be read; reading the new one from its beginning.`,
  source_unreachable: ({ origin, reason, retrySeconds }) =>
    `${origin} cannot be reached (${reason}). The next try is in ${retrySeconds} s.`,
  source_busy: ({ status, text, retrySeconds }) =>
    `The source answered ${status}${quoted(text)}. The next try is in ${retrySeconds} s.`,
  source_refused: ({ status, text, retrySeconds }) =>
    `The source answered ${status}${quoted(text)}. ${REMEDIES[status] ?? "Look at the source's settings."} The next try is in ${retrySeconds} s.`,
  deliverer_failed: ({ reason }) => `Alerts cannot be handed over (${reason}); trying again.`,
  api_unreachable: ({ origin, reason }) =>
    `The API at ${origin} cannot be reached (${reason}). It is asked again when there is something to send.`,
  api_unauthorised: ({ origin, status }) =>
    `The API at ${origin} answered ${status}. Give a key with the scope read: BATON_API_KEY or --key`,
  api_answered: ({ origin, status }) =>
    `The API at ${origin} answered ${status}. Look whether this is Baton's address: --url`,
  api_foreign: ({ origin }) =>
    `${origin} does not answer as Baton does. Look whether this is its address: --url`,
  source_unknown: ({ slug }) =>
    `There is no source "${slug}". Create it: baton sources create --slug ${slug}`,
} satisfies NoticeTexts;

const KOREAN_REMEDIES: Record<number, string> = {
  401: "소스의 검증이 다른 것을 요구합니다. 필요한 헤더를 주세요.",
  403: "이 발신자를 받지 않습니다. 소스 설정을 확인하세요.",
  404: "그런 소스가 없습니다. 이름을 확인하거나 만드세요.",
  413: "메시지가 너무 깁니다. 줄을 더 짧게 자르세요.",
};

const KOREAN = {
  no_patterns: () => "따라갈 파일이나 패턴을 하나 이상 쓰세요.",
  bad_pattern: ({ pattern }) => `"${pattern}"은(는) 경로도 글롭도 아닙니다. 괄호를 확인하세요.`,
  bad_number: ({ name, value, least }) => `${name} 값이 ${value}입니다. ${least} 이상으로 쓰세요.`,
  empty_match: () => "빈 글자는 모든 줄에 맞습니다. 그런 뜻이라면 /.*/를 쓰세요",
  bad_flags: ({ match, flags }) =>
    `${match}에 플래그 ${flags}이(가) 있습니다. i만 쓸 수 있습니다. 줄마다 따로 맞춰 보므로 다른 것은 빼세요.`,
  bad_regex: ({ match, reason }) => `${match}은(는) RE2 문법의 정규식이 아닙니다: ${reason}`,
  checkpoint_unreadable: ({ path, reason }) =>
    `체크포인트 ${path} 파일을 읽을 수 없습니다(${reason}). 이 사용자가 읽고 쓸 수 있는 파일을 정하세요: --checkpoint FILE`,
  checkpoint_unwritable: ({ path, reason }) =>
    `체크포인트 ${path} 파일을 쓸 수 없습니다(${reason}). 비정상 종료 뒤 알림이 다시 갈 수 있습니다. 공간을 비우거나, 이 사용자에게 쓰기 권한을 주거나, 다른 파일을 정하세요: --checkpoint FILE`,
  checkpoint_restored: ({ path, aside }) =>
    `체크포인트 ${path} 파일이 손상되어 ${aside}(으)로 옮기고 그 전 것으로 이어 갑니다. 일부 알림이 두 번 갈 수 있습니다.`,
  checkpoint_lost: ({ path, aside }) =>
    `체크포인트 ${path} 파일이 손상되어 ${aside}(으)로 옮기고 처음처럼 시작합니다. 저장된 뒤 적힌 줄이 빠졌을 수 있으니 직접 확인하세요.`,
  own_file: ({ path }) =>
    `${path} 파일은 따라가지 않습니다. 이 프로그램이 쓰는 파일이라 알림이 알림을 낳습니다.`,
  compressed: ({ path }) =>
    `${path} 파일은 압축되어 있어 따라가지 않습니다(이런 파일 모두에 대해 한 번만 알립니다).`,
  too_many_files: ({ path, limit }) =>
    `이미 파일 ${limit}개가 열려 있어 ${path} 등이 기다립니다. 패턴을 좁히거나 프로그램을 나누세요.`,
  too_many_folders: ({ path, limit }) =>
    `패턴이 폴더 ${limit}개보다 많은 곳을 가리켜 ${path} 등을 보지 않습니다. 패턴을 좁히세요.`,
  file_unreadable: ({ path, reason }) =>
    `${path} 파일을 읽을 수 없습니다(${reason}). 이 사용자에게 읽기 권한을 주세요. 그때까지 기다립니다.`,
  file_unfollowed: ({ path, reason }) =>
    `${path} 파일을 따라갈 수 없습니다(${reason}). 다시 시도합니다.`,
  folder_unreadable: ({ path, reason }) =>
    `${path} 경로를 볼 수 없습니다(${reason}). 이 사용자에게 목록을 보고 지나갈 권한을 주세요.`,
  folder_unlisted: ({ path, reason }) =>
    `${path} 폴더의 목록을 볼 수 없어(${reason}) 못 본 사이 로테이션된 파일을 놓칠 수 있습니다. 이 사용자에게 목록 권한을 주세요.`,
  looking_failed: ({ reason }) => `파일을 찾아볼 수 없습니다(${reason}). 다시 시도합니다.`,
  reading_failed: ({ path, reason }) => `${path} 파일을 읽지 못해(${reason}) 다시 엽니다.`,
  generation_unreadable: ({ path, reason }) =>
    `${path} 파일을 읽을 수 없어(${reason}) 그 줄들이 빠집니다. 이 사용자에게 읽기 권한을 주세요.`,
  copy_unreadable: ({ path, reason }) =>
    `${path} 파일을 읽을 수 없어(${reason}) 줄이 빠질 수 있습니다. 이 사용자에게 읽기 권한을 주세요.`,
  file_rewritten: ({ path, offset }) =>
    `따라가지 않는 동안 ${path} 파일이 비워졌거나 새로 쓰였습니다. 처음부터 읽습니다. 옛 파일의 ${offset}바이트 뒤 내용 가운데 남지 않은 것은 읽을 수 없습니다.`,
  file_replaced: ({ path, offset }) =>
    `따라가지 않는 동안 ${path} 파일이 바뀌었고, 마지막으로 읽던 파일은 지워졌거나 압축되었습니다. 그 파일의 ${offset}바이트 뒤는 읽을 수 없고, 새 파일을 처음부터 읽습니다.`,
  source_unreachable: ({ origin, reason, retrySeconds }) =>
    `${origin}에 연결할 수 없습니다(${reason}). ${retrySeconds}초 뒤 다시 시도합니다.`,
  source_busy: ({ status, text, retrySeconds }) =>
    `소스가 ${status}(으)로 답했습니다${quoted(text)}. ${retrySeconds}초 뒤 다시 시도합니다.`,
  source_refused: ({ status, text, retrySeconds }) =>
    `소스가 ${status}(으)로 답했습니다${quoted(text)}. ${KOREAN_REMEDIES[status] ?? "소스 설정을 확인하세요."} ${retrySeconds}초 뒤 다시 시도합니다.`,
  deliverer_failed: ({ reason }) => `알림을 넘길 수 없습니다(${reason}). 다시 시도합니다.`,
  api_unreachable: ({ origin, reason }) =>
    `${origin} API에 연결할 수 없습니다(${reason}). 보낼 것이 생기면 다시 시도합니다.`,
  api_unauthorised: ({ origin, status }) =>
    `${origin} API가 ${status}(으)로 답했습니다. read 권한이 있는 키를 쓰세요: BATON_API_KEY 또는 --key`,
  api_answered: ({ origin, status }) =>
    `${origin} API가 ${status}(으)로 답했습니다. Baton의 주소가 맞는지 보세요: --url`,
  api_foreign: ({ origin }) =>
    `${origin} 주소가 Baton처럼 답하지 않습니다. 주소가 맞는지 보세요: --url`,
  source_unknown: ({ slug }) =>
    `"${slug}" 소스가 없습니다. 만드세요: baton sources create --slug ${slug}`,
} satisfies NoticeTexts;

export const NOTICE_TEXTS = { en: ENGLISH, ko: KOREAN } satisfies Record<Language, NoticeTexts>;
