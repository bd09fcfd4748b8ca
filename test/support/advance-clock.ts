// Story time in a test's hand: of a jumping clock that waits for a participant which only a test plays.

/**
 * Moves on by so much once nobody is at work any more. What is due on the way happens in its order;
 * then time stands still again.
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
