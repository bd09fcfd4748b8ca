// Parts of the ground that are not Site Recovery's: read and made by their ids, through Azure's own
// client for resources.
import type { ComputeManagementClient } from '@azure/arm-compute';
import type { ResourceManagementClient } from '@azure/arm-resources';
import { groupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import type { WriteAnswer } from './writeAnswer.ts';
import type { PartSpec, PartSeen, GroundSpec } from './prerequisite.ts';
import { sendOnce, type SendOptions } from './send.ts';
import { orUndefined, writing } from './clients.ts';
import { MADE_AS, MadeAs } from './tags.ts';

export type AzureSpec = Exclude<PartSpec, GroundSpec>;

const API_VERSIONS: Record<AzureSpec['kind'], string> = {
  resourceGroup: '2024-03-01',
  vault: '2024-04-01',
  network: '2024-05-01',
  storageAccount: '2023-05-01',
  placementGroup: '2024-07-01',
  availabilitySet: '2024-07-01',
};

const clientOf = (id: string): Promise<ResourceManagementClient> => writing.resources(subscriptionOf(id));

/** The client puts a slash of its own before it. */
export const pathOf = (id: string): string => id.replace(/^\//, '');

interface Found {
  readonly properties?: { readonly provisioningState?: string } | null;
}

export async function findResource(id: string, spec: AzureSpec): Promise<PartSeen | undefined> {
  const client = await clientOf(id);
  const found = await orUndefined<Found>(
    spec.kind === 'resourceGroup'
      ? client.resourceGroups.get(groupNameOf(id))
      : client.resources.getById(pathOf(id), API_VERSIONS[spec.kind]),
  );
  if (!found) return undefined;
  // What has no provisioning state is there as soon as it is seen.
  const state = found.properties?.provisioningState ?? 'Succeeded';
  return { ready: state === 'Succeeded', failed: state === 'Failed' || state === 'Canceled', differs: null };
}

export async function sendResource(
  id: string,
  spec: AzureSpec,
  clientRequestId: string,
  deadline: Date,
): Promise<WriteAnswer> {
  if (spec.kind === 'placementGroup') {
    const client = await writing.compute(subscriptionOf(id));
    return sendOnce(clientRequestId, deadline, (options) => writePlacementGroup(client, id, spec, options));
  }
  const client = await clientOf(id);
  return sendOnce(clientRequestId, deadline, (options) => write(client, id, spec, options));
}

/** The client for resources of any kind leaves out what only some have, such as zones. */
const writePlacementGroup = (
  client: ComputeManagementClient,
  id: string,
  spec: Extract<AzureSpec, { kind: 'placementGroup' }>,
  options: SendOptions,
): Promise<unknown> =>
  client.proximityPlacementGroups.createOrUpdate(
    groupNameOf(id),
    nameOf(id),
    {
      location: spec.region,
      tags: { [MADE_AS]: madeAs(spec) },
      proximityPlacementGroupType: 'Standard',
      ...(spec.zone ? { zones: [spec.zone] } : {}),
      ...(spec.sizes.length > 0 ? { intent: { vmSizes: [...spec.sizes] } } : {}),
    },
    options,
  );

type WrittenByItsId = Exclude<AzureSpec, { kind: 'placementGroup' }>;

function write(
  client: ResourceManagementClient,
  id: string,
  spec: WrittenByItsId,
  options: SendOptions,
): Promise<unknown> {
  const tags = { [MADE_AS]: madeAs(spec) };
  if (spec.kind === 'resourceGroup')
    return client.resourceGroups.createOrUpdate(groupNameOf(id), { location: spec.region, tags }, options);
  return Promise.resolve(
    client.resources.createOrUpdateById(
      pathOf(id),
      API_VERSIONS[spec.kind],
      { location: spec.region, tags, ...bodyOf(spec) },
      options,
    ),
  );
}

function madeAs(spec: AzureSpec): MadeAs {
  if (spec.kind === 'storageAccount') return MadeAs[spec.use];
  return spec.kind === 'vault' ? MadeAs.vault : MadeAs.target;
}

/** Nothing but what was decided; everything else is Azure's default. */
function bodyOf(spec: Exclude<WrittenByItsId, { kind: 'resourceGroup' }>) {
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
