// Moves simulated time for a test. The clock jumps, and it waits for a participant that only the
// test plays.

/**
 * Advances the clock once all work is idle. Due timers fire in their order. Then time stands still
 * again.
 */
export async function advanceClock(clock: string, participant: string, milliseconds: number): Promise<Date> {
  const callClock = async (path: string, init: RequestInit = {}): Promise<number> =>
    Date.parse(((await (await fetch(new URL(path, clock), init)).json()) as { now: string }).now);
  let now = await callClock('/now');
  const target = now + milliseconds;
  while (now < target)
    now = await callClock('/idle', {
      method: 'POST',
      body: JSON.stringify({ participant, nextDue: target, known: now }),
    });
  return new Date(now);
}
