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

/** The tiers of the sample estate's shop: each VM of them goes on its own way. */
export const SHOP: readonly string[] = ['web', 'app', 'sql'];

/** The VMs of these names once the registry knows them all; Lifeboat reads its vaults each minute of story time. */
export async function vmsNamed(desk: Desk, names: readonly string[]): Promise<readonly KnownVm[]> {
  const chosen = (vms: readonly KnownVm[]): readonly KnownVm[] => vms.filter(({ name }) => names.includes(name));
  return known(desk, names.join(', '), (vms) => (chosen(vms).length >= names.length ? chosen(vms) : undefined));
}

/** All VMs of the registry once it knows any. */
export const knownVms = (desk: Desk): Promise<readonly KnownVm[]> => known(desk, 'any replicated VM', (vms) => (vms.length > 0 ? vms : undefined));

async function known(desk: Desk, what: string, enough: (vms: readonly KnownVm[]) => readonly KnownVm[] | undefined): Promise<readonly KnownVm[]> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const { body } = await callLifeboat<{ replications?: KnownVm[] }>(desk, '/api/v1/replications', { who: 'reader' });
    const found = enough(body.replications ?? []);
    if (found) return found;
    if (Date.now() > end) throw new Error(`Lifeboat did not find ${what} within ${PATIENCE / 1000} s; see host.log in ${desk.data}.`);
    await pause(200);
  }
}
