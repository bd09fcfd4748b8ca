// The policy and the mapping of the way home. As documented, the service creates them together with
// the mapping of a policy to Azure.

import type { ContainerMappingRecord } from '../../configuration-records.ts';
import type { MappingCompanions } from '../../fabric-kind.ts';
import { isAzureContainer, type Vault } from '../../vault.ts';
import { CLASSIC, MODERN, type InstanceType } from './details.ts';
import { homePolicy } from './policies.ts';

const HOME: Readonly<Record<string, InstanceType>> = {
  [MODERN.toAzure]: MODERN.home,
  [CLASSIC.toAzure]: CLASSIC.home,
};

export function createdWithMapping(mapping: ContainerMappingRecord, vault: Vault): MappingCompanions {
  const policy = vault.policy(mapping.policy);
  const home = HOME[policy?.settings.instanceType ?? ''];
  if (!policy || !home || !isAzureContainer(mapping.to)) return { policies: [], mappings: [] };
  const name = `${policy.name}-failback`;
  return {
    policies: vault.policy(name) ? [] : [{ name, settings: homePolicy(policy, home) }],
    mappings: [
      {
        name: `${mapping.name}-failback`,
        from: mapping.from,
        to: mapping.from,
        policy: name,
        settings: { instanceType: home },
      },
    ],
  };
}
