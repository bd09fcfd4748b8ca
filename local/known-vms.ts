// Waits for the replicated VMs of the simulator, for the demo and `npm start`.

import type { Simulator } from '../simulator/simulator.ts';
import { callLifeboat } from './api-client.ts';

/** The fields of a replicated VM that the demo prints. */
export interface KnownVm {
  readonly id: string;
  readonly name: string;
  readonly armId: string;
  readonly direction: string;
  readonly state: string;
  readonly enabling: object | null;
  readonly sites: { readonly reversed: { readonly resourceGroupId: string } };
}

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
const MAX_WAIT_MS = 60_000;

/** The tiers of the sample shop. Each of these VMs moves alone. */
export const SHOP_VM_NAMES: readonly string[] = ['web', 'app', 'sql'];

/**
 * The VMs with these names, once the registry knows them all. Lifeboat reads its vaults each minute
 * of simulated time.
 */
export async function findVmsByName(
  simulator: Simulator,
  names: readonly string[],
): Promise<readonly KnownVm[]> {
  const withWantedName = (vms: readonly KnownVm[]): readonly KnownVm[] =>
    vms.filter(({ name }) => names.includes(name));
  return waitForVms(simulator, names.join(', '), (vms) =>
    withWantedName(vms).length >= names.length ? withWantedName(vms) : undefined,
  );
}

/** All VMs of the registry, once it knows at least one. */
export const findKnownVms = (simulator: Simulator): Promise<readonly KnownVm[]> =>
  waitForVms(simulator, 'any replicated VM', (vms) => (vms.length > 0 ? vms : undefined));

/** The VMs that were protected, page by page. A VM on its way has another id later. */
async function listProtectedVms(simulator: Simulator): Promise<readonly KnownVm[]> {
  const vms: KnownVm[] = [];
  for (let next: string | null | undefined = ''; typeof next === 'string';) {
    const query: string = next === '' ? '' : `&continuation=${next}`;
    const { body } = await callLifeboat<{ replications?: KnownVm[]; next?: string | null }>(
      simulator,
      `/api/v1/replications?limit=500${query}`,
      { principal: 'reader' },
    );
    vms.push(...(body.replications ?? []).filter(({ enabling }) => enabling === null));
    next = body.next;
  }
  return vms;
}

async function waitForVms(
  simulator: Simulator,
  subject: string,
  choose: (vms: readonly KnownVm[]) => readonly KnownVm[] | undefined,
): Promise<readonly KnownVm[]> {
  const deadlineMs = Date.now() + MAX_WAIT_MS;
  for (;;) {
    const found = choose(await listProtectedVms(simulator));
    if (found) return found;
    if (Date.now() > deadlineMs)
      throw new Error(
        `Lifeboat did not find ${subject} within ${MAX_WAIT_MS / 1000} s; see host.log in ${simulator.data}.`,
      );
    await sleep(200);
  }
}
