// The resource types of the simulator, as Azure writes them.

/** The resource types of the simulator, in Azure's spelling. */
export const RESOURCE_TYPES = {
  tenant: 'Microsoft.Resources/tenants',
  subscription: 'Microsoft.Resources/subscriptions',
  resourceGroup: 'Microsoft.Resources/resourceGroups',
  vault: 'Microsoft.RecoveryServices/vaults',
  virtualNetwork: 'Microsoft.Network/virtualNetworks',
  networkInterface: 'Microsoft.Network/networkInterfaces',
  networkSecurityGroup: 'Microsoft.Network/networkSecurityGroups',
  publicAddress: 'Microsoft.Network/publicIPAddresses',
  storageAccount: 'Microsoft.Storage/storageAccounts',
  virtualMachine: 'Microsoft.Compute/virtualMachines',
  disk: 'Microsoft.Compute/disks',
  availabilitySet: 'Microsoft.Compute/availabilitySets',
  proximityPlacementGroup: 'Microsoft.Compute/proximityPlacementGroups',
  automationAccount: 'Microsoft.Automation/automationAccounts',
  runbook: 'Microsoft.Automation/automationAccounts/runbooks',
  classicVirtualMachine: 'Microsoft.ClassicCompute/virtualMachines',
  classicCloudService: 'Microsoft.ClassicCompute/domainNames',
  classicNetwork: 'Microsoft.ClassicNetwork/virtualNetworks',
  classicStorageAccount: 'Microsoft.ClassicStorage/storageAccounts',
} as const;

/** The types of all resources inside resource groups. */
export const GROUPED_RESOURCE_TYPES: readonly string[] = Object.values(RESOURCE_TYPES).filter(
  (type) => !type.startsWith('Microsoft.Resources/'),
);

/** Child resources that the simulator stores apart from the resources. */
export const AUTOMATION_JOB = 'Microsoft.Automation/automationAccounts/jobs';
export const MANAGED_RUN_COMMAND = 'Microsoft.Compute/virtualMachines/runCommands';
