// A test VM, its interfaces and their network must be of one subscription.
import { isOfOtherSubscription, subscriptionOf } from '../core/armId.ts';
import type { Refusal } from '../core/refusal.ts';
import { opposite } from './items.ts';
import type { ReplicatedVmDocument } from './documents.ts';

interface Testing {
  readonly operation: string;
  readonly networkId?: string | undefined;
}

/** Undefined: the test can take place in this network. */
export function testNetworkElsewhere(
  command: Testing,
  vms: readonly ReplicatedVmDocument[],
): Refusal | undefined {
  const { networkId } = command;
  if (command.operation !== 'testFailover' || networkId === undefined) return undefined;
  const foreign = vms.filter((vm) => isOfOtherSubscription(networkId, groupOfTarget(vm)));
  const [first] = foreign;
  if (!first) return undefined;
  const names = foreign.map(({ name }) => name).join(', ');
  const message =
    `The network ${networkId} is of the subscription ${subscriptionOf(networkId)}; ` +
    `the test VMs of ${names} come up in ${subscriptionOf(groupOfTarget(first))}. Name a ` +
    'network of that subscription.';
  return { code: 'NetworkElsewhere', message };
}

const groupOfTarget = (vm: ReplicatedVmDocument): string =>
  vm.settings?.resourceGroupId || vm.sites[opposite(vm.direction)].resourceGroupId;
