// Where a replicated VM runs at this moment: before a failover, after it, or in a drill.
import type { Item } from '../../siterecovery/item.ts';
import type { Fault } from '../../core/errors.ts';
import { siteRecoveryOf } from '../../scenarios/adapter.ts';
import { performing } from '../../scenarios/drivers.ts';
import { notFound } from '../faults.ts';
import { isItemOf, locate } from '../../replications/items.ts';
import type { JobDocument } from '../../journal/documents.ts';
import type { ReplicatedVmDocument } from '../../replications/documents.ts';
import { findVms } from '../../replications/registry.ts';
import { rejected } from '../turn.ts';

export const isDrill = ({ command: { operation } }: JobDocument): boolean =>
  operation === 'testFailover' || operation === 'cleanUpTestFailover';

/** Null while there is none. */
const machineOf = (item: Item, isDrill: boolean): string | null =>
  performing(item.scenario).machineOf(item, isDrill);

export type Whereabouts =
  { readonly machineId: string } | { readonly waitsFor: string } | { readonly fault: Fault };

export async function whereIs(vmId: string, drill: boolean): Promise<Whereabouts> {
  const [vm] = await findVms([vmId]);
  if (!vm)
    return {
      fault: rejected('VmUnknown', `Lifeboat knows no replicated VM ${vmId} any more. Nothing was started.`),
    };
  const item = await locate(await siteRecoveryOf(vm.vaultArmId), vm);
  if (!item) return { fault: notFound(vm) };
  const machineId = machineOf(item, drill);
  return machineId
    ? { machineId }
    : {
        waitsFor: drill
          ? `the test machine of ${vm.name}, which is not there`
          : `the machine of ${vm.name}, which Site Recovery does not name`,
      };
}

export interface Placed {
  readonly vm: ReplicatedVmDocument;
  readonly machineId: string | null;
}

/** Of many, with one list for each vault. */
export async function whereAre(vmIds: readonly string[], drill: boolean): Promise<readonly Placed[]> {
  const placed: Placed[] = [];
  for (const [vault, vms] of Map.groupBy(await findVms(vmIds), (vm) => vm.vaultArmId)) {
    const items = await (await siteRecoveryOf(vault)).items();
    for (const vm of vms) {
      const item = items.find((one) => isItemOf(one, vm));
      placed.push({ vm, machineId: item ? machineOf(item, drill) : null });
    }
  }
  return placed;
}
