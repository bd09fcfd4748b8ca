// What the desk's own callers read of Lifeboat's REST answers: as much as they show, and no more.

import type { Desk } from '../desk.ts';
import { callLifeboat } from '../launch/caller.ts';

export interface KnownVm {
  readonly id: string;
  readonly name: string;
  readonly armId: string;
  readonly direction: string;
  readonly moment: string;
  readonly sites: { readonly reversed: { readonly resourceGroupId: string } };
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const PATIENCE = 60_000;

/** The registry once it knows so many VMs; Lifeboat reads its vaults each minute of story time. */
export async function knownVms(desk: Desk, atLeast: number): Promise<readonly KnownVm[]> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const { body } = await callLifeboat<{ replications?: KnownVm[] }>(desk, '/api/v1/replications', { who: 'reader' });
    if ((body.replications?.length ?? 0) >= atLeast) return body.replications ?? [];
    if (Date.now() > end) throw new Error(`Lifeboat did not find ${atLeast} replicated VMs within ${PATIENCE / 1000} s; see host.log in ${desk.data}.`);
    await pause(200);
  }
}
