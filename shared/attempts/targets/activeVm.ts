// Finds where a replicated VM runs at this moment: before a failover, after a failover, or in a
// drill. Scripts and runbooks call this module to find their machine.
import type { ReplicatedItem } from '../../siterecovery/item.ts';
import type { Fault } from '../../core/errors.ts';
import { siteRecoveryClientFor } from '../../scenarios/adapter.ts';
import { requireCapabilities } from '../../scenarios/drivers.ts';
import { itemNotFound } from '../stepFaults.ts';
import { isItemOf, findItem } from '../../replications/items.ts';
import type { JobDocument } from '../../journal/documents.ts';
import type { ReplicatedVmDocument } from '../../replications/documents.ts';
import { findVms } from '../../replications/registry.ts';
import { rejectedFault } from '../actionContext.ts';

/** Tells whether the job runs a drill or cleans one up. */
export const isDrill = ({ command: { operation } }: JobDocument): boolean =>
  operation === 'testFailover' || operation === 'cleanUpTestFailover';

/** Null while no machine exists. */
const machineOf = (item: ReplicatedItem, isDrill: boolean): string | null =>
  requireCapabilities(item.scenario).scriptVmIdOf(item, isDrill);

/** The machine of the VM, a reason to wait, or a fault. */
export type ActiveVmResult =
  { readonly machineId: string } | { readonly waitsFor: string } | { readonly fault: Fault };

/** Finds the machine of one replicated VM. In a drill this is the test VM. */
export async function findActiveVm(vmId: string, drill: boolean): Promise<ActiveVmResult> {
  const [vm] = await findVms([vmId]);
  if (!vm)
    return {
      fault: rejectedFault(
        'VmUnknown',
        `Lifeboat no longer knows the replicated VM ${vmId}. Nothing was started.`,
      ),
    };
  const item = await findItem(await siteRecoveryClientFor(vm.vaultArmId), vm);
  if (!item) return { fault: itemNotFound(vm) };
  const machineId = machineOf(item, drill);
  return machineId
    ? { machineId }
    : {
        waitsFor: drill
          ? `the test machine of ${vm.name}, which does not exist`
          : `the machine of ${vm.name}, which Site Recovery does not name`,
      };
}

/** A replicated VM and its machine, or null if no machine exists. */
export interface ActiveVm {
  readonly vm: ReplicatedVmDocument;
  readonly machineId: string | null;
}

/** The active VMs of many replicated VMs, with one list of items for each vault. */
export async function findActiveVms(vmIds: readonly string[], drill: boolean): Promise<readonly ActiveVm[]> {
  const activeVms: ActiveVm[] = [];
  for (const [vault, vms] of Map.groupBy(await findVms(vmIds), (vm) => vm.vaultArmId)) {
    const items = await (await siteRecoveryClientFor(vault)).listItems();
    for (const vm of vms) {
      const item = items.find((candidate) => isItemOf(candidate, vm));
      activeVms.push({ vm, machineId: item ? machineOf(item, drill) : null });
    }
  }
  return activeVms;
}
