// Adds the regions of the VMs that an alert is about. An alert on a VM often names no region, and
// rules compare regions. `receive.ts` calls this module.
import { regionName } from '../core/armId.ts';
import { oppositeDirection } from '../replications/items.ts';
import { findByMachine } from '../replications/registry.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import type { Alert } from './rules/alert.ts';

/** The id of the VM itself, also for a part of it, such as an extension. */
const VM_ID = /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/[^/]+\/virtualmachines\/[^/]+/;

/** The alert with the regions of its VMs. The registry knows both sides of each replicated VM. */
export async function addRegionsOfVms(alert: Alert): Promise<Alert> {
  const vmIds = new Set(alert.resources.flatMap((id) => VM_ID.exec(id)?.[0] ?? []));
  if (vmIds.size === 0) return alert;
  const vms = await findByMachine([...vmIds]);
  const regions = vms.flatMap((vm) => regionsOfMachines(vm, vmIds));
  return { ...alert, regions: [...new Set([...alert.regions, ...regions])].sort() };
}

function regionsOfMachines(
  { machines, sites, direction }: ReplicatedVmDocument,
  ids: ReadonlySet<string>,
): readonly string[] {
  if (!machines) return [];
  const { source, other, expected, test } = machines;
  const isOnTarget = [other, expected, test].some((id) => id !== null && ids.has(id));
  return [
    ...(ids.has(source) ? [sites[direction].region] : []),
    ...(isOnTarget ? [sites[oppositeDirection(direction)].region] : []),
  ].map(regionName);
}
