// The driver of the scenario VMware to Azure: VMs of a vCenter replicate to Azure and home again,
// through a replication appliance or through the older configuration server.
import { Scenario } from '../../core/scenario.ts';
import { Direction, Operation } from '../../core/operations.ts';
import type { Capabilities, ScenarioDriver } from '../driver.ts';
import { commonStateOf } from '../lifecycle.ts';
import { enabling } from './enabling/enabling.ts';
import { changesAfterEnabling } from './enabling/settings.ts';
import { refusalOf } from './failback.ts';
import { writeGroup } from './groupWrites.ts';
import { instanceTypes } from './instanceType.ts';
import { effects, lifecycle, phases, typicalSeconds } from './lifecycle.ts';
import { manualRequests } from './manualRequests.ts';
import { prerequisites } from './prerequisites.ts';
import { readDetails } from './readDetails.ts';
import { readItem } from './readItem.ts';
import { readPolicy } from './readPolicy.ts';
import { reprotect } from './reprotect.ts';
import { rules } from './rules.ts';
import { writes } from './writes.ts';

const capabilities: Capabilities = {
  operations: Object.values(Operation),
  plannedFailover: false,
  writes,
  writeGroup,
  itemIdAfterReprotect: ({ armId }) => armId,
  readDetails,
  readPolicy,
  prerequisites,
  enabling,
  // The portal makes the key of an appliance. Lifeboat has no way to ask for it.
  registration: null,
  reprotect,
  refusalOf,
  changesAfterEnabling,
  vmPair(item, isDrill) {
    const { source, other, expected } = item.machines;
    if (isDrill) return item.testVmId ? { fromVmId: item.sourceVmId, toVmId: item.testVmId } : null;
    const target = other ?? expected;
    return target === null ? null : { fromVmId: source, toVmId: target };
  },
  // A script runs only in a VM in Azure.
  scriptVmIdOf(item, isDrill) {
    if (isDrill) return item.testVmId;
    if (item.direction === Direction.original) return item.recoveryVmId;
    return item.activeLocation === 'Primary' ? item.sourceVmId : null;
  },
  manualRequests,
};

export const vmwareToAzure: ScenarioDriver = {
  name: Scenario.vmwareToAzure,
  title: 'VMware to Azure',
  instanceTypes,
  replicationGoals: [{ protect: 'vmwareVm', to: 'azure' }],
  lifecycle,
  effects,
  vmStateOf: commonStateOf,
  phases,
  typicalSeconds,
  rules,
  readItem,
  capabilities,
};
