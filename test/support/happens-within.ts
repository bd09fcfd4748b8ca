// A test waits a moment for an effect that must not come. It waits longer for a mutant's effect,
// since the machine may be busy.
import { TIMEOUT_FACTOR } from './test-settings.ts';

export const waitSeconds = (mutation: unknown): number => (mutation === undefined ? 1 : 20);

/** Whether the effect comes within so many seconds. */
export async function happensWithin(
  condition: () => boolean | Promise<boolean>,
  seconds: number,
): Promise<boolean> {
  for (
    const end = Date.now() + seconds * TIMEOUT_FACTOR * 1000;
    Date.now() < end;
    await new Promise((resolve) => setTimeout(resolve, 50))
  )
    if (await condition()) return true;
  return condition();
}
