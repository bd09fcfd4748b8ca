// The fields of Lifeboat's REST answers that the demo and `npm start` show.

import type { Simulator } from '../simulator/simulator.ts';
import { callLifeboat } from './caller.ts';

export interface KnownVm {
  readonly id: string;
  readonly name: string;
  readonly armId: string;
  readonly direction: string;
  readonly state: string;
  readonly sites: { readonly reversed: { readonly resourceGroupId: string } };
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
const PATIENCE = 60_000;

/** The tiers of the sample environment's shop: each VM of them goes on its own way. */
export const SHOP: readonly string[] = ['web', 'app', 'sql'];

/**
 * The VMs of these names once the registry knows them all; Lifeboat reads its vaults each minute of
 * story time.
 */
export async function vmsNamed(simulator: Simulator, names: readonly string[]): Promise<readonly KnownVm[]> {
  const chosen = (vms: readonly KnownVm[]): readonly KnownVm[] =>
    vms.filter(({ name }) => names.includes(name));
  return known(simulator, names.join(', '), (vms) =>
    chosen(vms).length >= names.length ? chosen(vms) : undefined,
  );
}

/** All VMs of the registry once it knows any. */
export const knownVms = (simulator: Simulator): Promise<readonly KnownVm[]> =>
  known(simulator, 'any replicated VM', (vms) => (vms.length > 0 ? vms : undefined));

async function known(
  simulator: Simulator,
  what: string,
  enough: (vms: readonly KnownVm[]) => readonly KnownVm[] | undefined,
): Promise<readonly KnownVm[]> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const { body } = await callLifeboat<{ replications?: KnownVm[] }>(simulator, '/api/v1/replications', {
      who: 'reader',
    });
    const found = enough(body.replications ?? []);
    if (found) return found;
    if (Date.now() > end)
      throw new Error(
        `Lifeboat did not find ${what} within ${PATIENCE / 1000} s; see host.log in ${simulator.data}.`,
      );
    await pause(200);
  }
}
