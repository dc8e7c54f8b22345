/** Standard Webhooks' example schedule, in seconds: ten tries over three days. */
export const HTTP_SCHEDULE: readonly number[] = [
  0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
];

const FIRST_WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 600;
const TOTAL_SECONDS = 24 * 60 * 60;

/** A messaging kind's schedule: 1 s, doubled to 10 min, then every 10 min, a day in all. */
export const MESSAGING_SCHEDULE: readonly number[] = messagingSchedule();

/** A code is of use for a few minutes. */
export const CODE_SCHEDULE: readonly number[] = [0, 2, 2, 5, 10, 20, 40, 80, 160];

function messagingSchedule(): number[] {
  const waits = [0];
  let wait = FIRST_WAIT_SECONDS;
  for (let sum = wait; sum <= TOTAL_SECONDS; sum += wait) {
    waits.push(wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_SECONDS);
  }
  return waits;
}
