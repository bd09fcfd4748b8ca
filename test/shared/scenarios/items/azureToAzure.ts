// Items of Azure to Azure through their life, over and back.
import type { Direction } from '../../../../shared/core/operations.ts';
import type { VmState } from '../../../../shared/scenarios/lifecycle.ts';
import { VAULT, makeWireItem, type RecordedItem } from './recordedItem.ts';

const container = (region: string): string =>
  `${VAULT}/replicationFabrics/${region}/replicationProtectionContainers/${region}-container`;
const SOURCE = {
  original:
    '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web',
  reversed:
    '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop-dr/providers/Microsoft.Compute/virtualMachines/web',
};

interface ItemOptions {
  readonly protectionState: string;
  readonly allowed: readonly string[];
  readonly location?: 'Primary' | 'Recovery';
  readonly running?: string;
  readonly isKnown?: boolean;
}

function recordedItem(
  title: string,
  state: VmState,
  direction: Direction,
  { protectionState, allowed, location = 'Primary', running, isKnown = true }: ItemOptions,
): RecordedItem {
  const [from, to] = direction === 'original' ? ['eastus2', 'centralus'] : ['centralus', 'eastus2'];
  return {
    title: `${title}, ${direction}`,
    state,
    direction,
    isKnown,
    wire: makeWireItem(container(from), 'web-item', {
      friendlyName: 'web',
      protectionState,
      activeLocation: location,
      testFailoverState: 'None',
      allowedOperations: allowed,
      replicationHealth: 'Normal',
      policyId: `${VAULT}/replicationPolicies/daily`,
      currentScenario: {
        scenarioName: running ?? 'None',
        jobId: running === undefined ? 'None' : `${VAULT}/replicationJobs/job-1`,
        startTime: '1753-01-01T00:00:00Z',
      },
      recoveryContainerId: container(to),
      providerSpecificDetails: {
        instanceType: 'A2A',
        fabricObjectId: SOURCE[direction],
        lifecycleId: isKnown ? 'b7d1c9e2-0000-0000-0000-0000000000aa' : '',
        primaryFabricLocation: from,
        recoveryFabricLocation: to,
        initialPrimaryFabricLocation: 'eastus2',
        initialRecoveryFabricLocation: 'centralus',
        multiVmGroupCreateOption: 'AutoCreated',
        recoveryAzureVMName: 'web',
        recoveryAzureResourceGroupId:
          direction === 'original'
            ? '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop-dr'
            : '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop',
        recoveryFabricObjectId: location === 'Recovery' ? SOURCE.reversed : '',
        protectedManagedDisks: [{ diskId: '/disks/os', diskName: 'os', recoveryTargetDiskId: '' }],
        vmNics: [],
        rpoInSeconds: 12,
        lastRpoCalculatedTime: '2026-03-01T08:00:00Z',
      },
    }),
  };
}

const WHEN_PROTECTED = ['UnplannedFailover', 'DisableProtection', 'TestFailover'];
const WHEN_FAILED_OVER = ['Commit', 'DisableProtection', 'ChangePit', 'SwitchProtection', 'CancelFailover'];

const itemsInDirection = (direction: Direction): readonly RecordedItem[] => [
  recordedItem('copying', 'synchronising', direction, {
    protectionState: 'InitialReplicationInProgress',
    allowed: ['DisableProtection'],
    isKnown: false,
  }),
  recordedItem('protected', 'protected', direction, {
    protectionState: 'Protected',
    allowed: WHEN_PROTECTED,
  }),
  recordedItem('with a test', 'testing', direction, {
    protectionState: 'Protected',
    allowed: ['TestFailoverCleanup'],
    running: 'TestFailover',
  }),
  recordedItem('failing over', 'busy', direction, {
    protectionState: 'Protected',
    allowed: [],
    running: 'UnplannedFailover',
  }),
  recordedItem('failed over', 'failedOver', direction, {
    protectionState: 'UnplannedFailoverCommitPendingStatesBegin',
    allowed: WHEN_FAILED_OVER,
    location: 'Recovery',
  }),
  recordedItem('committed', 'committed', direction, {
    protectionState: 'UnplannedFailoverCommitted',
    allowed: ['DisableProtection', 'SwitchProtection'],
    location: 'Recovery',
  }),
  recordedItem('enabling failed', 'enablingFailed', direction, {
    protectionState: 'EnablingFailed',
    allowed: ['DisableProtection'],
    isKnown: false,
  }),
];

export const azureToAzureItems: readonly RecordedItem[] = [
  ...itemsInDirection('original'),
  ...itemsInDirection('reversed'),
];
