// Reads and creates the prerequisites inside Site Recovery: sites, policies and mappings. Each write
// is a PUT by name, so a repeated write changes nothing.
// Site Recovery itself makes the container of a site, when the first host registers.
import type { HyperVReplicaAzurePolicyDetails } from '@azure/arm-recoveryservices-siterecovery';
import type { SiteRecoverySpec } from '../../azure/prerequisite.ts';
import { nameOf } from '../../core/armId.ts';
import type { PrerequisiteAccess } from '../driver.ts';
import { existing, findContainerMapping, writeContainerMapping, writePolicy } from '../vaultPrerequisites.ts';
import { HYPER_V } from './instanceType.ts';
import { readPolicy } from './readPolicy.ts';

/** Seconds between two copies of the changes; a host can also copy each 30 or 900 seconds. */
const REPLICATION_SECONDS = 300;

const notOfScenario = (id: string, { kind }: SiteRecoverySpec): Error =>
  new Error(`${id} is a ${kind}, which VMs of a Hyper-V site do not need.`);

const find: PrerequisiteAccess['find'] = async (client, at, id, spec) => {
  const { vault, resourceGroup } = at;
  const name = nameOf(id);
  switch (spec.kind) {
    case 'site': {
      const { properties } = await client.replicationFabrics.get(vault, resourceGroup, name);
      return existing(
        properties?.customDetails?.instanceType === 'HyperVSite' ? null : 'it is no site of Hyper-V hosts',
      );
    }
    case 'policy': {
      const policy = await client.replicationPolicies.get(vault, resourceGroup, name);
      return existing(policyDifference(policy, spec));
    }
    case 'containerMapping':
      return findContainerMapping(client, at, id, spec);
    case 'vCenter':
    case 'fabric':
    case 'container':
    case 'recoveryPlan':
    case 'networkMapping':
      throw notOfScenario(id, spec);
  }
};

function policyDifference(
  policy: Parameters<typeof readPolicy>[0],
  { retentionMinutes, appConsistentMinutes }: Extract<SiteRecoverySpec, { kind: 'policy' }>,
): string | null {
  const values = readPolicy(policy);
  if (!values) return 'it is a policy of another scenario';
  const { replicationInterval } = policy.properties
    ?.providerSpecificDetails as HyperVReplicaAzurePolicyDetails;
  return values.retentionMinutes === retentionMinutes && values.appConsistentMinutes === appConsistentMinutes
    ? null
    : `it keeps points for ${values.retentionMinutes} minutes, takes app-consistent ones every ` +
        `${values.appConsistentMinutes}, and copies every ${replicationInterval ?? 0} seconds`;
}

const write: PrerequisiteAccess['write'] = (client, at, id, spec, options) => {
  const { vault, resourceGroup } = at;
  const name = nameOf(id);
  switch (spec.kind) {
    case 'site': {
      const properties = { customDetails: { instanceType: 'HyperVSite' } };
      return client.replicationFabrics.beginCreate(
        vault,
        resourceGroup,
        name,
        { properties } as Parameters<typeof client.replicationFabrics.beginCreate>[3],
        options,
      );
    }
    case 'policy': {
      const providerSpecificInput = {
        instanceType: HYPER_V,
        recoveryPointHistoryDuration: spec.retentionMinutes / 60,
        applicationConsistentSnapshotFrequencyInHours: spec.appConsistentMinutes / 60,
        replicationInterval: REPLICATION_SECONDS,
      };
      return writePolicy(client, at, id, providerSpecificInput, options);
    }
    case 'containerMapping':
      return writeContainerMapping(client, at, id, spec, undefined, options);
    case 'vCenter':
    case 'fabric':
    case 'container':
    case 'recoveryPlan':
    case 'networkMapping':
      throw notOfScenario(id, spec);
  }
};

export const prerequisites: PrerequisiteAccess = { find, write };
