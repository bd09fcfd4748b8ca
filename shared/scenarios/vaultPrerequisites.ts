// Reads and creates the prerequisites that several scenarios have alike: container mappings,
// policies and native plans.
import type {
  CreatePolicyInputProperties,
  CreateProtectionContainerMappingInputProperties,
  ReplicationProtectionContainerMappings,
  SiteRecoveryManagementClient,
} from '@azure/arm-recoveryservices-siterecovery';
import type { PrerequisiteStatus, SiteRecoverySpec } from '../azure/prerequisite.ts';
import type { SendOptions } from '../azure/sendOnce.ts';
import { nameAfter, nameOf } from '../core/armId.ts';
import { sameId } from '../siterecovery/item.ts';
import type { VaultName } from './driver.ts';

type Client = SiteRecoveryManagementClient;
type Spec<Kind> = Extract<SiteRecoverySpec, { readonly kind: Kind }>;

/** The status of an existing prerequisite. */
export const existing = (difference: string | null = null): PrerequisiteStatus => ({
  ready: true,
  failed: false,
  difference,
});

/** The address of a container mapping, as the SDK takes it. */
const mappingAddress = (
  { vault, resourceGroup }: VaultName,
  id: string,
): Parameters<ReplicationProtectionContainerMappings['get']> => [
  vault,
  resourceGroup,
  nameAfter(id, 'replicationFabrics'),
  nameAfter(id, 'replicationProtectionContainers'),
  nameOf(id),
];

export async function findContainerMapping(
  client: Client,
  at: VaultName,
  id: string,
  spec: Spec<'containerMapping'>,
): Promise<PrerequisiteStatus> {
  const { properties } = await client.replicationProtectionContainerMappings.get(...mappingAddress(at, id));
  const policyId = properties?.policyId ?? '';
  return existing(sameId(policyId, spec.policyId) ? null : `it uses the policy ${nameOf(policyId)}`);
}

export const writeContainerMapping = (
  client: Client,
  at: VaultName,
  id: string,
  { toContainerId, policyId }: Spec<'containerMapping'>,
  providerSpecificInput: CreateProtectionContainerMappingInputProperties['providerSpecificInput'] | undefined,
  options: SendOptions,
): Promise<unknown> => {
  const properties = {
    targetProtectionContainerId: toContainerId,
    policyId,
    ...(providerSpecificInput && { providerSpecificInput }),
  };
  const [vault, resourceGroup, fabric, container, name] = mappingAddress(at, id);
  return client.replicationProtectionContainerMappings.beginCreate(
    vault,
    resourceGroup,
    fabric,
    container,
    name,
    { properties },
    options,
  );
};

export const writePolicy = (
  client: Client,
  { vault, resourceGroup }: VaultName,
  id: string,
  providerSpecificInput: NonNullable<CreatePolicyInputProperties['providerSpecificInput']>,
  options: SendOptions,
): Promise<unknown> =>
  client.replicationPolicies.beginCreate(
    vault,
    resourceGroup,
    nameOf(id),
    { properties: { providerSpecificInput } },
    options,
  );

/** The name of a native plan derives from its items, so equal names mean equal items. */
export async function findNativePlan(
  client: Client,
  { vault, resourceGroup }: VaultName,
  id: string,
): Promise<PrerequisiteStatus> {
  await client.replicationRecoveryPlans.get(vault, resourceGroup, nameOf(id));
  return existing();
}

export const writeNativePlan = (
  client: Client,
  { vault, resourceGroup }: VaultName,
  id: string,
  { primaryFabricId, recoveryFabricId, items }: Omit<Spec<'recoveryPlan'>, 'kind'>,
  options: SendOptions,
): Promise<unknown> => {
  const properties = {
    primaryFabricId,
    recoveryFabricId,
    failoverDeploymentModel: 'ResourceManager',
    groups: [{ groupType: 'Boot' as const, replicationProtectedItems: items.map((item) => ({ ...item })) }],
  };
  return client.replicationRecoveryPlans.beginCreate(
    vault,
    resourceGroup,
    nameOf(id),
    { properties },
    options,
  );
};
