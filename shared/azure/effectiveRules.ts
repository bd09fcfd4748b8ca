// The security rules that truly hold for running VMs, as the hosts under them know them, put in the
// place of those that were configured.
import { groupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import type { Facts, SecurityRule, SourceNic } from './facts.ts';
import { messageOf } from '../core/errors.ts';
import { network, someAtATime } from './clients.ts';
import { toEffectiveRule } from './resourceFacts.ts';

export interface Effective {
  readonly facts: Facts;
  /** For which interfaces, and why, only the configured rules are known. */
  readonly unseen: readonly string[];
}

const PATIENCE_MS = 60_000;

/**
 * Asked of one interface for each subnet and security group: the rules are the same for all that
 * share both.
 */
export async function withEffectiveRules(facts: Facts, vmIds: ReadonlySet<string>): Promise<Effective> {
  const nics = facts.vms
    .filter(
      (vm) => vmIds.has(vm.id.toLowerCase()) && vm.power === 'running' && vm.model === 'resourceManager',
    )
    .flatMap((vm) => vm.nics);
  const alike = new Map(
    nics.map((nic) => [[nic.networkId, nic.subnet, nic.securityGroupId ?? ''].join(' ').toLowerCase(), nic]),
  );
  const rules = new Map<string, readonly SecurityRule[]>();
  const unseen: string[] = [];
  await someAtATime([...alike.values()], async (nic) => {
    try {
      for (const [group, its] of await rulesFor(nic)) rules.set(group, its);
    } catch (error) {
      unseen.push(`${nic.name}: ${messageOf(error)}`);
    }
  });
  return {
    facts: {
      ...facts,
      securityGroups: facts.securityGroups.map((group) => ({
        ...group,
        rules: rules.get(group.id.toLowerCase()) ?? group.rules,
      })),
    },
    unseen: unseen.sort(),
  };
}

async function rulesFor(nic: SourceNic): Promise<ReadonlyMap<string, readonly SecurityRule[]>> {
  const client = (await network(subscriptionOf(nic.id))).networkInterfaces;
  const found = await client.listEffectiveNetworkSecurityGroups(groupNameOf(nic.id), nameOf(nic.id), {
    updateIntervalInMs: 1000,
    abortSignal: AbortSignal.timeout(PATIENCE_MS),
  });
  return new Map(
    found.value.map((group) => [
      group.networkSecurityGroup?.id?.toLowerCase() ?? '',
      (group.effectiveSecurityRules ?? []).map(toEffectiveRule),
    ]),
  );
}
