// The demo of Hyper-V to Azure: the machines of the sample head office. Its hosts are not registered
// at the start.

import type { Simulator } from '../../simulator/simulator.ts';
import { callLifeboat } from '../api-client.ts';
import type { DemoScenario } from './demo-scenario.ts';

const SUBSCRIPTION = '2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
const resourceId = (group: string, type: string, name: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/${type}/${name}`;
const VAULT_NAME = 'office-vault';
const VAULT = resourceId('contoso-recovery-services', 'Microsoft.RecoveryServices/vaults', VAULT_NAME);
const SITE = 'head-office';
const HOSTS = ['office-hv-01', 'office-hv-02', 'office-hv-03'];
const REQUEST = { goal: { protect: 'hyperVVm', to: 'azure' }, vault: { id: VAULT }, source: { site: SITE } };
const RECOVERY_GROUP = 'contoso-office-recovery';
const TARGET = {
  region: 'southeastasia',
  osType: 'Windows',
  resourceGroup: RECOVERY_GROUP,
  networkId: resourceId(RECOVERY_GROUP, 'Microsoft.Network/virtualNetworks', 'office-network-recovery'),
  subnet: 'servers',
  storageAccountId: resourceId(RECOVERY_GROUP, 'Microsoft.Storage/storageAccounts', 'office1disks'),
  // A VM with managed disks in Azure cannot fail back to Hyper-V.
  managedDisks: false,
};
/** The system disk of a machine with several disks, and the systems other than Windows. */
const SETTINGS_BY_NAME: Readonly<Record<string, object>> = {
  'erp-web': {},
  'erp-db': { osDisk: 'erp-db-system' },
  intranet: { osType: 'Linux' },
};

/** A person with rights to register hosts and to enable replication. */
const CONTRIBUTOR = 'contributor';

async function read<T>(simulator: Simulator, path: string): Promise<T> {
  const { status, body } = await callLifeboat<T>(simulator, path, { principal: 'reader' });
  if (status !== 200) throw new Error(`GET ${path} answered ${status}.`);
  return body;
}

/** Makes a registration key, and plays the setup on each host with it. */
async function registerHosts(simulator: Simulator): Promise<void> {
  const { vaults } = await read<{ vaults: { id: string; name: string }[] }>(simulator, '/api/v1/vaults');
  const vaultId = vaults.find(({ name }) => name === VAULT_NAME)?.id ?? '';
  const { body } = await callLifeboat<{ key: string; fileName: string; validUntil: string; steps: string[] }>(
    simulator,
    `/api/v1/vaults/${vaultId}/registration-keys`,
    { method: 'POST', principal: CONTRIBUTOR, body: { goal: REQUEST.goal, site: SITE } },
  );
  console.log(
    `\nregister\n  The key ${body.fileName} is valid until ${body.validUntil}. Steps on each host:`,
  );
  for (const [index, step] of body.steps.entries()) console.log(`  ${index + 1}. ${step}`);
  for (const host of HOSTS) await simulator.siteRecovery.register(host, body.key);
}

interface Site {
  readonly hosts: readonly { readonly name: string; readonly connected: boolean }[];
  readonly machines: readonly { readonly id: string; readonly name: string }[];
}

async function readSite(simulator: Simulator): Promise<Site> {
  const path = `/api/v1/sources/sites?vault=${encodeURIComponent(VAULT)}&site=${SITE}`;
  const [site] = (await read<{ sites: Site[] }>(simulator, path)).sites;
  if (!site) throw new Error(`The vault has no site ${SITE}.`);
  return site;
}

export const hyperVToAzure: DemoScenario = {
  environment: 'contoso-hyper-v',
  vmNames: Object.keys(SETTINGS_BY_NAME),
  async enable(simulator, run) {
    await run({ operation: 'prepareVault', ...REQUEST, target: { region: TARGET.region } }, CONTRIBUTOR);
    await registerHosts(simulator);
    const { hosts, machines } = await readSite(simulator);
    for (const { name, connected } of hosts)
      console.log(`  ${name} is ${connected ? 'connected' : 'not connected'}`);
    const perVm = Object.fromEntries(
      machines.flatMap(({ id, name }) => {
        const settings = SETTINGS_BY_NAME[name];
        return settings === undefined ? [] : [[id, settings]];
      }),
    );
    const command = { operation: 'enableReplication', ...REQUEST, target: TARGET, perVm };
    await run({ ...command, vms: Object.keys(perVm) }, CONTRIBUTOR);
  },
  commands: () => [
    { operation: 'testFailover' },
    { operation: 'cleanUpTestFailover' },
    { operation: 'failover', kind: 'planned' },
    { operation: 'commit' },
    { operation: 'failback' },
  ],
  itemMovesWith: null,
};
