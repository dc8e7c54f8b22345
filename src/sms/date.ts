import { MAX_AHEAD_MS, SEOUL_OFFSET_MS } from "./constants.ts";

export type When = {
  /** RFC 3339 with Seoul's offset; null for a date without a time, or one that does not exist. */
  at: string | null;
  index: number;
  length: number;
};

const DATE =
  "(?:(?<year>\\d{4})(?:[-/.]|년) ?|(?<short>\\d{2})[-/.](?=\\d{1,2}[-/.]\\d{1,2}(?!\\d)))?(?<month>\\d{1,2})(?:[-/.]|월 ?)(?<day>\\d{1,2})일?";
const TIME =
  "(?<half>오전|오후|AM|PM)? ?(?<hour>\\d{1,2})(?::|시 ?)(?<minute>\\d{2})(?::(?<second>\\d{2})|분)?";
const WEEKDAY = "(?: ?\\([월화수목금토일]\\))?";
const FREE = "(?<![\\d*]|\\d,)";

/** Surest first. What has no time is taken out of the text too, so that it is no name. */
const FORMS = [
  `${FREE}${DATE}${WEEKDAY}[ ,\\n]{0,2}${TIME}(?!\\d)`,
  `${FREE}${TIME}[ ,\\n]${DATE}${WEEKDAY}(?!\\d)`,
  `${FREE}(?<year>\\d{4})(?:[-/.]|년 ?)(?<month>\\d{1,2})(?:[-/.]|월 ?)(?<day>\\d{1,2})일?(?!\\d)`,
  `${FREE}(?<month>\\d{1,2})(?:/|월 ?)(?<day>\\d{1,2})일?${WEEKDAY}(?![\\d/])`,
  `${FREE}${TIME}(?!\\d)`,
].map((source) => new RegExp(source));

/** The first date with a time in a text, by the clock of Seoul. `receivedAt` is in milliseconds UTC. */
export function findWhen(text: string, receivedAt: number): When | null {
  for (const form of FORMS) {
    const match = form.exec(text);
    if (!match) continue;
    const groups = match.groups ?? {};
    if (groups.month !== undefined && !isDay(Number(groups.month), Number(groups.day))) continue;
    return { at: momentOf(groups, receivedAt), index: match.index, length: match[0].length };
  }
  return null;
}

function isDay(month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

function momentOf(groups: Record<string, string | undefined>, receivedAt: number): string | null {
  const { year, short, month, day, half, hour, minute, second } = groups;
  if (hour === undefined) return null;
  const clock = [hourOf(Number(hour), half), Number(minute), Number(second ?? 0)] as const;
  if (clock[0] > 23 || clock[1] > 59 || clock[2] > 59) return null;
  const here = new Date(receivedAt + SEOUL_OFFSET_MS);
  const thisYear = here.getUTCFullYear();
  if (month === undefined) {
    const days = [-1, 0, 1].map((shift) => here.getUTCDate() + shift);
    return closest(
      days.map((date) => Date.UTC(thisYear, here.getUTCMonth(), date, ...clock)),
      receivedAt,
    );
  }
  const stated = year ? Number(year) : short ? 2000 + Number(short) : null;
  const years = stated === null ? [thisYear - 1, thisYear, thisYear + 1] : [stated];
  const times = years.flatMap((one) => dayAt(one, Number(month), Number(day), clock));
  // A year that is stated is not to be judged.
  return stated === null ? closest(times, receivedAt) : write(times[0]);
}

function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined || hour > 12) return hour;
  return (hour % 12) + (half === "오후" || half === "PM" ? 12 : 0);
}

/** Nothing for a day that the year does not have, such as 29 February. */
function dayAt(
  year: number,
  month: number,
  day: number,
  clock: readonly [number, number, number],
): number[] {
  const time = Date.UTC(year, month - 1, day, ...clock);
  return new Date(time).getUTCDate() === day ? [time] : [];
}

/** The time on Seoul's clock that is closest to the arrival, and not a day or more after it. */
function closest(times: number[], receivedAt: number): string | null {
  const arrival = receivedAt + SEOUL_OFFSET_MS;
  const [best] = times
    .filter((time) => time <= arrival + MAX_AHEAD_MS)
    .toSorted((a, b) => Math.abs(a - arrival) - Math.abs(b - arrival));
  return write(best);
}

function write(seoulTime: number | undefined): string | null {
  if (seoulTime === undefined) return null;
  return `${new Date(seoulTime).toISOString().slice(0, 19)}+09:00`;
}
