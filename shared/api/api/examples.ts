// Names that the examples use: those of the sample environment, so that each example can be sent as
// it stands to a simulator that runs it.
const PRODUCTION = '2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
const resource = (group: string, type: string, name: string): string =>
  `/subscriptions/${PRODUCTION}/resourceGroups/${group}/providers/${type}/${name}`;

export const SOURCE = { subscription: PRODUCTION, region: 'eastasia' } as const;
export const VM = 'vm-3kcuvnnxf4jigebwruorc3phmn';
export const OF_AN_UNKNOWN_VM = 'vm-aaaaaaaaaaaaaaaaaaaaaaaaaa';
/** Of the first example of a command, sent by the simulator's operator. */
export const JOB = 'job-2oe4orcgqtdp4sz74t7ohp5duz';
export const VAULT = resource(
  'contoso-recovery-services',
  'Microsoft.RecoveryServices/vaults',
  'contoso-vault',
);
export const VAULT_ID = 'vault-b6nqjqdy24a6m7v5gl2wmvfpb4';
export const VM_TO_ENABLE = resource('contoso-shop', 'Microsoft.Compute/virtualMachines', 'search');

export const SHOP = {
  name: 'Shop',
  runs: { failover: [{ name: 'front', vms: [VM] }] },
  targets: { recoveryMinutes: 60 },
} as const;
