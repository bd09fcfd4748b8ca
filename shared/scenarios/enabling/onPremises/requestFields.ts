// The fields that all requests for machines on premises share.
import * as z from 'zod';
import {
  AvailabilitySetId,
  NetworkId,
  PlacementGroupId,
  Region,
  ResourceGroupName,
  ResourceName,
  StorageAccountId,
  SubscriptionId,
  VaultId,
} from '../requestFields.ts';

/** The most VMs of one request. */
export const MAX_MACHINES = 5000;

/** The settings that a request can give for all of its VMs, and for one VM. */
export const commonFields = {
  osType: z
    .enum(['Windows', 'Linux'])
    .optional()
    .describe('The operating system. Default: the one that Site Recovery shows, if any.'),
  resourceGroup: ResourceGroupName.optional().describe(
    'The name of a group in the target subscription, created if missing.',
  ),
  networkId: NetworkId.optional().describe('The ARM id of the target network.'),
  subnet: ResourceName.optional().describe('The name of the target subnet. Default: the first subnet.'),
  size: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .optional()
    .describe('The size of the VM in Azure. Default: Site Recovery chooses one from the machine.'),
  storageAccountId: StorageAccountId.optional().describe(
    'The ARM id of the account that receives the changes.',
  ),
  managedDisks: z
    .boolean()
    .optional()
    .describe('False: the VM in Azure keeps its disks in the storage account, and can fail back.'),
  availabilitySetId: AvailabilitySetId.optional().describe(
    'The ARM id of an availability set in the target region. Default: none.',
  ),
  placementGroupId: PlacementGroupId.optional().describe(
    'The ARM id of a proximity placement group in the target region. Default: none.',
  ),
};

/** The settings of one VM alone. */
export const ownFields = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/, 'must be a name of a VM in Azure')
    .optional()
    .describe('The name of the VM in Azure. Default: the name of the machine.'),
  osDisk: z
    .string()
    .trim()
    .min(1)
    .max(1000)
    .optional()
    .describe('The name or id of the disk with the operating system. Required with more than one disk.'),
};

/** The target of all machines of a request. */
export const targetFields = {
  region: Region.describe('The region of the vault, where the machines replicate to.'),
  subscription: SubscriptionId.optional().describe(
    'The id of the target subscription. Default: the subscription of the vault.',
  ),
  ...commonFields,
};

/** The goal of requests for machines of one kind. */
export const goalOf = <Kind extends string>(kind: Kind) =>
  z
    .strictObject({
      protect: z.literal(kind).describe('The kind of source.'),
      to: z.literal('azure').default('azure').describe('The kind of target. Default: azure.'),
    })
    .describe('What to protect, and where.');

/** The vault of a request. */
export const SiteVault = z
  .strictObject({ id: VaultId.describe('The ARM id of the vault.') })
  .describe('The vault of the site.');

/** The name of a policy. */
export const PolicyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,89}$/, 'must be letters, digits and hyphens')
  .optional()
  .describe('The name of the policy, created if missing. Default: a name from the values.');

/** The ids of readiness checks that may fail without a refusal of the VM. */
export const allowFailedChecks = (pattern: RegExp, example: string) =>
  z
    .array(z.string().regex(pattern, `must be the id of a check, such as ${example}`))
    .max(10)
    .default([])
    .describe('Readiness checks that may fail without a refusal of the machine. Default: none.');

/** How long the job follows the first copies. */
export const followHours = z
  .number()
  .min(0.1)
  .max(24 * 14)
  .default(72)
  .describe('Hours in which Lifeboat waits for the protection of a machine. Default: 72.');

type Settings = z.infer<z.ZodObject<typeof commonFields>>;

/** The settings of one VM: its own first, then the target settings of the request. */
export function mergeSettings<Own extends Partial<Settings>>(target: Settings, own: Own): Settings & Own {
  const { osType, resourceGroup, networkId, subnet, size, storageAccountId, managedDisks } = target;
  const { availabilitySetId, placementGroupId } = target;
  // A subnet belongs to its network. The subnet of the target does not apply to another network.
  return {
    osType,
    resourceGroup,
    networkId,
    size,
    storageAccountId,
    managedDisks,
    availabilitySetId,
    placementGroupId,
    ...(own.networkId === undefined && subnet !== undefined ? { subnet } : {}),
    ...own,
  };
}
