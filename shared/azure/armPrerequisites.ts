// Reads and creates the prerequisites outside Site Recovery by their ARM ids. The prerequisite
// steps of jobs call this file. Most kinds go through Azure's generic client for resources.
import type { ComputeManagementClient } from '@azure/arm-compute';
import type { ResourceManagementClient } from '@azure/arm-resources';
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import type { WriteAnswer } from './writeAnswer.ts';
import type { PrerequisiteSpec, PrerequisiteStatus, SiteRecoverySpec } from './prerequisite.ts';
import { sendOnce, type SendOptions } from './sendOnce.ts';
import { undefinedIfNotFound, writeClients } from './clients.ts';
import { PURPOSE_TAG, ResourcePurpose } from './tags.ts';

export type ArmPrerequisiteSpec = Exclude<PrerequisiteSpec, SiteRecoverySpec>;

const API_VERSIONS: Record<ArmPrerequisiteSpec['kind'], string> = {
  resourceGroup: '2024-03-01',
  vault: '2024-04-01',
  network: '2024-05-01',
  storageAccount: '2023-05-01',
  placementGroup: '2024-07-01',
  availabilitySet: '2024-07-01',
};

const clientOf = (id: string): Promise<ResourceManagementClient> =>
  writeClients.resources(subscriptionOf(id));

/** Returns the id without its first slash, because the client adds one. */
export const resourcePathOf = (id: string): string => id.replace(/^\//, '');

interface ArmResource {
  readonly properties?: { readonly provisioningState?: string } | null;
}

/** Returns the status of a prerequisite, or undefined when the resource does not exist. */
export async function findArmPrerequisite(
  id: string,
  spec: ArmPrerequisiteSpec,
): Promise<PrerequisiteStatus | undefined> {
  const client = await clientOf(id);
  const found = await undefinedIfNotFound<ArmResource>(
    spec.kind === 'resourceGroup'
      ? client.resourceGroups.get(resourceGroupNameOf(id))
      : client.resources.getById(resourcePathOf(id), API_VERSIONS[spec.kind]),
  );
  if (!found) return undefined;
  // A resource without a provisioning state is ready as soon as Azure returns the resource.
  const state = found.properties?.provisioningState ?? 'Succeeded';
  return {
    ready: state === 'Succeeded',
    failed: state === 'Failed' || state === 'Canceled',
    difference: null,
  };
}

/** Sends one write that creates the prerequisite, and never repeats the write. */
export async function sendArmPrerequisite(
  id: string,
  spec: ArmPrerequisiteSpec,
  clientRequestId: string,
  deadline: Date,
): Promise<WriteAnswer> {
  if (spec.kind === 'placementGroup') {
    const client = await writeClients.compute(subscriptionOf(id));
    return sendOnce(clientRequestId, deadline, (options) => writePlacementGroup(client, id, spec, options));
  }
  const client = await clientOf(id);
  return sendOnce(clientRequestId, deadline, (options) => writeResource(client, id, spec, options));
}

/** The generic client drops fields that only some resource types have, such as zones. */
const writePlacementGroup = (
  client: ComputeManagementClient,
  id: string,
  spec: Extract<ArmPrerequisiteSpec, { kind: 'placementGroup' }>,
  options: SendOptions,
): Promise<unknown> =>
  client.proximityPlacementGroups.createOrUpdate(
    resourceGroupNameOf(id),
    nameOf(id),
    {
      location: spec.region,
      tags: { [PURPOSE_TAG]: purposeOf(spec) },
      proximityPlacementGroupType: 'Standard',
      ...(spec.zone ? { zones: [spec.zone] } : {}),
      ...(spec.sizes.length > 0 ? { intent: { vmSizes: [...spec.sizes] } } : {}),
    },
    options,
  );

type GenericSpec = Exclude<ArmPrerequisiteSpec, { kind: 'placementGroup' }>;

function writeResource(
  client: ResourceManagementClient,
  id: string,
  spec: GenericSpec,
  options: SendOptions,
): Promise<unknown> {
  const tags = { [PURPOSE_TAG]: purposeOf(spec) };
  if (spec.kind === 'resourceGroup')
    return client.resourceGroups.createOrUpdate(
      resourceGroupNameOf(id),
      { location: spec.region, tags },
      options,
    );
  return Promise.resolve(
    client.resources.createOrUpdateById(
      resourcePathOf(id),
      API_VERSIONS[spec.kind],
      { location: spec.region, tags, ...bodyOf(spec) },
      options,
    ),
  );
}

function purposeOf(spec: ArmPrerequisiteSpec): ResourcePurpose {
  if (spec.kind === 'storageAccount') return ResourcePurpose[spec.use];
  return spec.kind === 'vault' ? ResourcePurpose.vault : ResourcePurpose.target;
}

/** Sets only the values of the specification. Azure's defaults apply to all other fields. */
function bodyOf(spec: Exclude<GenericSpec, { kind: 'resourceGroup' }>) {
  switch (spec.kind) {
    case 'vault':
      return { sku: { name: 'RS0', tier: 'Standard' }, properties: { publicNetworkAccess: 'Enabled' } };
    case 'network':
      return {
        properties: {
          addressSpace: { addressPrefixes: [...spec.addressPrefixes] },
          subnets: spec.subnets.map(({ name, addressPrefixes: [first, ...more] }) => ({
            name,
            properties: more.length > 0 ? { addressPrefixes: [first, ...more] } : { addressPrefix: first },
          })),
        },
      };
    case 'storageAccount':
      return {
        kind: spec.accountKind,
        sku: { name: spec.sku },
        properties: {
          minimumTlsVersion: 'TLS1_2',
          allowBlobPublicAccess: false,
          supportsHttpsTrafficOnly: true,
        },
      };
    case 'availabilitySet':
      return {
        sku: { name: spec.aligned ? 'Aligned' : 'Classic' },
        properties: {
          platformFaultDomainCount: spec.faultDomains,
          platformUpdateDomainCount: spec.updateDomains,
          ...(spec.placementGroupId ? { proximityPlacementGroup: { id: spec.placementGroupId } } : {}),
        },
      };
  }
}
