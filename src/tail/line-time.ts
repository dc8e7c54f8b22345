const STAMP =
  /(\d{4})[-/.](\d\d)[-/.](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?: ?(Z|[+-]\d\d:?\d\d))?/;
/** A time stands near a line's beginning; one further back may be anything. */
const MAX_STAMP_AT = 64;

/** The time a line gives itself, in ms since 1970 (`2026-02-12T12:34:56Z`, `2026/02/12 12:34:56`; local when it names no zone). */
export function lineTime(text: string): number | undefined {
  const found = STAMP.exec(text.slice(0, MAX_STAMP_AT + 32));
  if (!found || found.index > MAX_STAMP_AT) return undefined;
  const [, year, month, day, hour, minute, second, zone = ""] = found;
  const suffix = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${suffix}`);
  return Number.isNaN(time) ? undefined : time;
}
