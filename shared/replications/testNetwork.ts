// Checks the network of a test failover. A test VM, its interfaces and their network must be in one
// subscription.
import { areInDifferentSubscriptions, subscriptionOf } from '../core/armId.ts';
import type { Refusal } from '../core/refusal.ts';
import { oppositeDirection } from './items.ts';
import type { ReplicatedVmDocument } from './documents.ts';

interface TestNetworkCommand {
  readonly operation: string;
  readonly networkId?: string | undefined;
}

/** Undefined: the test can use this network. */
export function findTestNetworkRefusal(
  command: TestNetworkCommand,
  vms: readonly ReplicatedVmDocument[],
): Refusal | undefined {
  const { networkId } = command;
  if (command.operation !== 'testFailover' || networkId === undefined) return undefined;
  const vmsElsewhere = vms.filter((vm) =>
    areInDifferentSubscriptions(networkId, targetResourceGroupIdOf(vm)),
  );
  const [first] = vmsElsewhere;
  if (!first) return undefined;
  const names = vmsElsewhere.map(({ name }) => name).join(', ');
  const message =
    `The network ${networkId} is in the subscription ${subscriptionOf(networkId)}; ` +
    `the test VMs of ${names} start in ${subscriptionOf(targetResourceGroupIdOf(first))}. Name a ` +
    'network of that subscription.';
  return { code: 'NetworkElsewhere', message };
}

const targetResourceGroupIdOf = (vm: ReplicatedVmDocument): string =>
  vm.settings?.resourceGroupId || vm.sites[oppositeDirection(vm.direction)].resourceGroupId;
