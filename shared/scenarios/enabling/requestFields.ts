// The fields that the enabling requests of several scenarios share.
import * as z from 'zod';

/** The ARM id of a resource of one type. */
export const armIdSchema = (type: string, what: string) =>
  z
    .string()
    .max(500)
    .regex(
      new RegExp(
        `^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/${type.replaceAll('.', '\\.')}/[^/]+$`,
        'i',
      ),
      `must be the ARM id of ${what}`,
    );

/** The short name of a region. */
export const Region = z
  .string()
  .trim()
  .regex(/^[a-z0-9]{3,40}$/, "must be a region's short name, such as southeastasia");
/** The id of a subscription. */
export const SubscriptionId = z.guid('must be the id of a subscription');
/** The name of a resource. */
export const ResourceName = z.string().trim().min(1).max(80);
/** The name of a resource group. */
export const ResourceGroupName = z
  .string()
  .trim()
  .regex(
    /^[\w.()-]{0,89}[\w()-]$/,
    'must be the name of a resource group: letters, digits and -_.(), not ending in a dot',
  );
/** The ARM id of a vault. */
export const VaultId = armIdSchema('Microsoft.RecoveryServices/vaults', 'a Recovery Services vault');
/** The ARM id of a storage account. */
export const StorageAccountId = armIdSchema('Microsoft.Storage/storageAccounts', 'a storage account');
/** The ARM id of a virtual network. */
export const NetworkId = armIdSchema('Microsoft.Network/virtualNetworks', 'a virtual network');
/** The ARM id of a classic storage account. */
export const ClassicStorageAccountId = armIdSchema(
  'Microsoft.ClassicStorage/storageAccounts',
  'a classic storage account',
);
/** The ARM id of a classic network. */
export const ClassicNetworkId = armIdSchema(
  'Microsoft.ClassicNetwork/virtualNetworks',
  'a classic virtual network',
);
/** The ARM id of a classic cloud service. */
export const CloudServiceId = armIdSchema(
  'Microsoft.ClassicCompute/domainNames',
  'a cloud service of the classic model',
);
/** The ARM id of an availability set. */
export const AvailabilitySetId = armIdSchema('Microsoft.Compute/availabilitySets', 'an availability set');
/** The ARM id of a proximity placement group. */
export const PlacementGroupId = armIdSchema(
  'Microsoft.Compute/proximityPlacementGroups',
  'a proximity placement group',
);
/** The ARM id of a source VM, classic or not. */
export const SourceVmId = z.union(
  [
    armIdSchema('Microsoft.Compute/virtualMachines', 'a virtual machine'),
    armIdSchema('Microsoft.ClassicCompute/virtualMachines', 'a classic virtual machine'),
  ],
  'must be the ARM id of a virtual machine',
);
/** The types of managed disks. */
export const DiskType = z.enum([
  'Standard_LRS',
  'StandardSSD_LRS',
  'Premium_LRS',
  'StandardSSD_ZRS',
  'Premium_ZRS',
]);
/** An availability zone. */
export const Zone = z.enum(['1', '2', '3']);

/** The goal alone decides the scenario. */
export const ReplicationGoal = z.strictObject({
  protect: z
    .enum(['azureVm', 'vmwareVm', 'hyperVVm', 'hyperVVmInVmm'])
    .default('azureVm')
    .describe('The kind of source. Default: azureVm.'),
  to: z.enum(['azure', 'secondSite']).default('azure').describe('The kind of target. Default: azure.'),
  vmmServers: z
    .literal([1, 2])
    .optional()
    .describe('The number of VMM servers, for VMs of VMM clouds. Default: not asked.'),
});
/** The goal alone decides the scenario. */
export type ReplicationGoal = z.infer<typeof ReplicationGoal>;

/**
 * An existing vault by id, or a vault by name, new if necessary. Left out: `lifeboat-{target
 * region}`.
 */
export const VaultRequest = z.union(
  [
    z.strictObject({ id: VaultId.describe('The ARM id of an existing vault.') }),
    z.strictObject({
      name: z
        .string()
        .regex(
          /^[A-Za-z][A-Za-z0-9-]{1,49}$/,
          'must be 2 to 50 letters, digits and hyphens, beginning with a letter',
        )
        .describe('The name of the vault. Lifeboat creates a missing vault.'),
      subscription: SubscriptionId.describe('The id of the subscription.'),
      resourceGroup: ResourceGroupName.describe('The name of the resource group.'),
      region: Region.optional().describe('The short name of the region. Default: the target region.'),
    }),
  ],
  'must name a vault: {"id"}, or {"name", "subscription", "resourceGroup"} with an optional "region"',
);
/** An existing vault by id, or a vault by name, new if necessary. */
export type VaultRequest = z.infer<typeof VaultRequest>;

/** True when no id is there twice, in any spelling. */
export const namesNoIdTwice = (ids: readonly string[]): boolean =>
  new Set(ids.map((id) => id.toLowerCase())).size === ids.length;

interface VmsWithSettings {
  readonly vms: readonly string[];
  readonly perVm: Readonly<Record<string, unknown>>;
}

/** Refuses settings of a VM that the request does not name, and two settings of one VM. */
export const withCheckedSettings = <Fields extends z.ZodType<VmsWithSettings>>(fields: Fields): Fields =>
  fields.superRefine(({ vms, perVm }, context) => {
    const named = new Set(vms.map((id) => id.toLowerCase()));
    for (const id of Object.keys(perVm).filter((key) => !named.has(key.toLowerCase())))
      context.addIssue({ code: 'custom', path: ['perVm', id], message: 'is not one of the VMs in "vms"' });
    if (!namesNoIdTwice(Object.keys(perVm)))
      context.addIssue({ code: 'custom', path: ['perVm'], message: 'names a VM twice' });
  });
