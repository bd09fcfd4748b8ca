// Story time in a test's hand: of a jumping clock that waits for a participant which only a test plays.

/**
 * Moves on by so much once nobody is at work any more. What is due on the way happens in its order;
 * then time stands still again.
 */
export async function letTimeGo(clock: string, participant: string, milliseconds: number): Promise<Date> {
  const ask = async (path: string, init: RequestInit = {}): Promise<number> =>
    Date.parse(((await (await fetch(new URL(path, clock), init)).json()) as { now: string }).now);
  let now = await ask('/now');
  const target = now + milliseconds;
  while (now < target)
    now = await ask('/idle', {
      method: 'POST',
      body: JSON.stringify({ participant, nextDue: target, known: now }),
    });
  return new Date(now);
}
