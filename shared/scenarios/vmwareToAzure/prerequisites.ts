// Reads and creates the prerequisites inside Site Recovery: policies, mappings and native plans.
// Each write is a PUT by name, so a repeated write changes nothing.
// Fabric and container exist since the registration of the appliance or the configuration server.
import type {
  CreatePolicyInputProperties,
  CreateProtectionContainerMappingInputProperties,
} from '@azure/arm-recoveryservices-siterecovery';
import type { SiteRecoverySpec } from '../../azure/prerequisite.ts';
import { nameAfter, nameOf } from '../../core/armId.ts';
import { sameId } from '../../siterecovery/item.ts';
import type { PrerequisiteAccess } from '../driver.ts';
import {
  existing,
  findContainerMapping,
  findNativePlan,
  writeContainerMapping,
  writeNativePlan,
  writePolicy,
} from '../vaultPrerequisites.ts';
import { APPLIANCE, CLASSIC } from './instanceType.ts';
import { readPolicy } from './readPolicy.ts';

/** Site Recovery's name for Azure as a target. */
export const AZURE = 'Microsoft Azure';
const CRASH_CONSISTENT_MINUTES = 5;
/** The age of the newest recovery point that makes Site Recovery warn. */
const THRESHOLD_MINUTES = 15;

const fabricOf = (id: string): string => nameAfter(id, 'replicationFabrics');

type PolicySpec = Extract<SiteRecoverySpec, { readonly kind: 'policy' }>;

const notOfScenario = (id: string, { kind }: SiteRecoverySpec): Error =>
  new Error(`${id} is a ${kind}, which VMware VMs do not need.`);

const find: PrerequisiteAccess['find'] = async (client, at, id, spec) => {
  const { vault, resourceGroup } = at;
  switch (spec.kind) {
    case 'site':
      await client.replicationFabrics.get(vault, resourceGroup, nameOf(id));
      return existing();
    case 'vCenter': {
      const { properties } = await client.replicationvCenters.get(
        vault,
        resourceGroup,
        fabricOf(id),
        nameOf(id),
      );
      const address = properties?.ipAddress ?? '';
      return existing(sameId(address, spec.address) ? null : `it reads the vCenter at ${address}`);
    }
    case 'policy': {
      const policy = await client.replicationPolicies.get(vault, resourceGroup, nameOf(id));
      return existing(policyDifference(policy, spec));
    }
    case 'containerMapping':
      return findContainerMapping(client, at, id, spec);
    case 'recoveryPlan':
      return findNativePlan(client, at, id);
    case 'fabric':
    case 'container':
    case 'networkMapping':
      throw notOfScenario(id, spec);
  }
};

function policyDifference(policy: Parameters<typeof readPolicy>[0], spec: PolicySpec): string | null {
  const form = policy.properties?.providerSpecificDetails?.instanceType;
  const values = readPolicy(policy);
  if (!values || form !== spec.form) return 'it is a policy of another scenario or direction';
  const isSame =
    values.appConsistentMinutes === spec.appConsistentMinutes &&
    (form === APPLIANCE.home || values.retentionMinutes === spec.retentionMinutes);
  return isSame
    ? null
    : `it keeps points for ${values.retentionMinutes} minutes and takes app-consistent ones every ` +
        `${values.appConsistentMinutes}`;
}

const write: PrerequisiteAccess['write'] = (client, at, id, spec, options) => {
  switch (spec.kind) {
    case 'vCenter': {
      const properties = {
        friendlyName: nameOf(id),
        ipAddress: spec.address,
        port: spec.port,
        processServerId: spec.serverId,
        runAsAccountId: spec.accountId,
      };
      return client.replicationvCenters.beginCreate(
        at.vault,
        at.resourceGroup,
        fabricOf(id),
        nameOf(id),
        { properties },
        options,
      );
    }
    case 'policy':
      return writePolicy(client, at, id, policyInput(id, spec), options);
    case 'containerMapping':
      return writeContainerMapping(client, at, id, spec, mappingInput(spec.form), options);
    case 'recoveryPlan': {
      // The container of Azure has a fabric that Site Recovery does not take in a plan.
      const recoveryFabricId =
        spec.recoveryFabricId.toLowerCase() === spec.primaryFabricId.toLowerCase()
          ? spec.recoveryFabricId
          : AZURE;
      return writeNativePlan(client, at, id, { ...spec, recoveryFabricId }, options);
    }
    case 'site':
    case 'fabric':
    case 'container':
    case 'networkMapping':
      throw notOfScenario(id, spec);
  }
};

/** The SDK sends this input, though its types do not name the form. */
const mappingInput = (form: string | undefined) =>
  form === APPLIANCE.toAzure
    ? ({
        instanceType: form,
        enableAgentAutoUpgrade: 'true',
      } as unknown as CreateProtectionContainerMappingInputProperties['providerSpecificInput'])
    : undefined;

function policyInput(
  id: string,
  { form, retentionMinutes, appConsistentMinutes }: PolicySpec,
): NonNullable<CreatePolicyInputProperties['providerSpecificInput']> {
  const frequencies = {
    appConsistentFrequencyInMinutes: appConsistentMinutes,
    crashConsistentFrequencyInMinutes: CRASH_CONSISTENT_MINUTES,
  };
  switch (form) {
    case APPLIANCE.toAzure:
      return {
        instanceType: form,
        recoveryPointHistoryInMinutes: retentionMinutes,
        ...frequencies,
        enableMultiVmSync: 'true',
      };
    case APPLIANCE.home:
      return { instanceType: form, ...frequencies };
    case CLASSIC.toAzure:
      return {
        instanceType: form,
        recoveryPointThresholdInMinutes: THRESHOLD_MINUTES,
        recoveryPointHistory: retentionMinutes,
        ...frequencies,
        multiVmSyncStatus: 'Enable',
      };
    case CLASSIC.home:
      return {
        instanceType: form,
        recoveryPointThresholdInMinutes: THRESHOLD_MINUTES,
        recoveryPointHistory: retentionMinutes,
        appConsistentFrequencyInMinutes: appConsistentMinutes,
        multiVmSyncStatus: 'Enable',
      };
    case undefined:
    default:
      throw new Error(`The policy ${id} has no form of VMware VMs.`);
  }
}

export const prerequisites: PrerequisiteAccess = { find, write };
