// What must not come is waited for a moment; of a mutant, which must show itself, longer, since the
// machine may be busy.
import { PATIENCE } from './play-settings.ts';

export const patienceWith = (mutation: unknown): number => (mutation === undefined ? 1 : 20);

/** Whether it comes within so many seconds. */
export async function comes(what: () => boolean | Promise<boolean>, seconds: number): Promise<boolean> {
  for (
    const end = Date.now() + seconds * PATIENCE * 1000;
    Date.now() < end;
    await new Promise((resolve) => setTimeout(resolve, 50))
  )
    if (await what()) return true;
  return what();
}
