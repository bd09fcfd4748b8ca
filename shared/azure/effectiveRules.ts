// Reads the effective security rules of running VMs. The hosts of the VMs report these rules. They
// replace the configured rules in the facts.
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import type { AzureFacts, SecurityRule, SourceNic } from './facts.ts';
import { messageOf } from '../core/errors.ts';
import { networkClient, mapLimited } from './clients.ts';
import { toEffectiveRule } from './resourceFacts.ts';

export interface FactsWithEffectiveRules {
  readonly facts: AzureFacts;
  /** The network interfaces with only the configured rules, each with the reason. */
  readonly unreadNics: readonly string[];
}

const READ_TIMEOUT_MS = 60_000;

/**
 * Replaces the rules of the security groups with the effective ones. Interfaces with the same
 * subnet and security group have the same rules. So one read for each such pair is enough.
 */
export async function withEffectiveRules(
  facts: AzureFacts,
  vmIds: ReadonlySet<string>,
): Promise<FactsWithEffectiveRules> {
  const nics = facts.vms
    .filter(
      (vm) => vmIds.has(vm.id.toLowerCase()) && vm.power === 'running' && vm.model === 'resourceManager',
    )
    .flatMap((vm) => vm.nics);
  const nicPerSubnetAndGroup = new Map(
    nics.map((nic) => [[nic.networkId, nic.subnet, nic.securityGroupId ?? ''].join(' ').toLowerCase(), nic]),
  );
  const rules = new Map<string, readonly SecurityRule[]>();
  const unreadNics: string[] = [];
  await mapLimited([...nicPerSubnetAndGroup.values()], async (nic) => {
    try {
      for (const [group, groupRules] of await readEffectiveRules(nic)) rules.set(group, groupRules);
    } catch (error) {
      unreadNics.push(`${nic.name}: ${messageOf(error)}`);
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
    unreadNics: unreadNics.sort(),
  };
}

async function readEffectiveRules(nic: SourceNic): Promise<ReadonlyMap<string, readonly SecurityRule[]>> {
  const client = (await networkClient(subscriptionOf(nic.id))).networkInterfaces;
  const found = await client.listEffectiveNetworkSecurityGroups(resourceGroupNameOf(nic.id), nameOf(nic.id), {
    updateIntervalInMs: 1000,
    abortSignal: AbortSignal.timeout(READ_TIMEOUT_MS),
  });
  return new Map(
    found.value.map((group) => [
      group.networkSecurityGroup?.id?.toLowerCase() ?? '',
      (group.effectiveSecurityRules ?? []).map(toEffectiveRule),
    ]),
  );
}
