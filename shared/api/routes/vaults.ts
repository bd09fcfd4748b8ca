// Describes the routes of vaults and of source VMs with their options.
import { NativePlans } from '../responses/plan.ts';
import { Choices, Firewall, RegistrationKey, Sites, SourceVms, Vault, Vaults } from '../responses/vault.ts';
import { RegistrationKeyRequest } from '../../enabling/registrationKey.ts';
import { FirewallQuery } from '../queries.ts';
import { OptionsQuery, SitesQuery, SourcesQuery } from '../../enabling/sourceQueries.ts';
import { AZURE_PROBLEMS, type RouteDescription } from './routeDescription.ts';
import { EXAMPLE_SOURCE, EXAMPLE_VAULT_ARM_ID, EXAMPLE_VAULT_ID } from './exampleValues.ts';
import { LOCATION_PROBLEM_CODES } from '../../scenarios/enabling/support.ts';

const UNKNOWN_VAULT = '404 VaultUnknown';
const LOCATION_PROBLEMS = LOCATION_PROBLEM_CODES.map((code) => `422 ${code}` as const);

export const VAULT_ROUTES = {
  'GET /api/v1/vaults': {
    id: 'listVaults',
    area: 'vaults',
    summary: 'Lists the vaults that Lifeboat knows.',
    responses: { 200: { description: 'All vaults.', schema: Vaults } },
    examples: [{ name: 'All', status: 200 }],
  },
  'GET /api/v1/vaults/{vaultId}': {
    id: 'readVault',
    area: 'vaults',
    summary: 'Reads one vault: region, fabrics, containers, policies, mappings and the number of items.',
    responses: { 200: { description: 'The vault as Azure shows it now.', schema: Vault, headers: ['etag'] } },
    problems: [UNKNOWN_VAULT, '404 VaultGone', ...AZURE_PROBLEMS],
    examples: [
      { name: 'The vault of the sample environment', path: { vaultId: EXAMPLE_VAULT_ID }, status: 200 },
      { name: 'An unknown vault', path: { vaultId: 'vault-none' }, status: 404 },
    ],
  },
  'DELETE /api/v1/vaults/{vaultId}': {
    id: 'removeVault',
    area: 'vaults',
    summary:
      'Unregisters a vault that a command added and nothing uses. Lifeboat forgets it; nothing changes in ' +
      'Azure, and its jobs stay.',
    ifMatch: true,
    responses: { 204: { description: 'Lifeboat no longer knows the vault.' } },
    problems: [
      UNKNOWN_VAULT,
      '409 VaultInSettings',
      '409 VaultInUse',
      '412 VaultChanged',
      '428 IfMatchMissing',
    ],
    examples: [
      { name: 'A vault of the settings', path: { vaultId: EXAMPLE_VAULT_ID }, status: 409 },
      { name: 'An unknown vault', path: { vaultId: 'vault-none' }, status: 404 },
    ],
  },
  'GET /api/v1/vaults/{vaultId}/plans': {
    id: 'listNativePlans',
    area: 'vaults',
    summary: 'Lists the recovery plans of a vault, in the form of Lifeboat plans.',
    responses: {
      200: { description: 'All plans of the vault, live from Site Recovery.', schema: NativePlans },
    },
    problems: [UNKNOWN_VAULT, ...AZURE_PROBLEMS],
    examples: [
      { name: 'The plans of the sample environment', path: { vaultId: EXAMPLE_VAULT_ID }, status: 200 },
    ],
  },
  'POST /api/v1/vaults/{vaultId}/registration-keys': {
    id: 'createRegistrationKey',
    area: 'vaults',
    summary:
      'Makes a key with which hosts on premises register in the vault, with the steps on each host. Valid ' +
      'for five days.',
    body: { schema: RegistrationKeyRequest },
    responses: {
      201: { description: 'The key. No other answer, log or document holds it.', schema: RegistrationKey },
    },
    problems: [
      UNKNOWN_VAULT,
      '422 ImpossibleGoal',
      '422 NothingToRegister',
      '422 ScenarioNotBuilt',
      '422 SettingNotOfScenario',
      '422 SiteUnknown',
      ...AZURE_PROBLEMS,
    ],
    examples: [
      {
        name: 'An unknown site',
        path: { vaultId: EXAMPLE_VAULT_ID },
        body: { goal: { protect: 'hyperVVm', to: 'azure' }, site: 'nowhere' },
        status: 422,
      },
    ],
  },
  'GET /api/v1/sources/vms': {
    id: 'listSourceVms',
    area: 'enabling',
    summary: 'Lists the VMs of a source, each with its reasons against protection, if any.',
    query: SourcesQuery,
    responses: { 200: { description: 'All VMs of the source.', schema: SourceVms } },
    problems: [...LOCATION_PROBLEMS, ...AZURE_PROBLEMS],
    examples: [
      {
        name: 'The VMs of a resource group',
        query: { ...EXAMPLE_SOURCE, resourceGroup: 'contoso-shop' },
        status: 200,
      },
      { name: 'An unknown region', query: { ...EXAMPLE_SOURCE, region: 'atlantis' }, status: 422 },
    ],
  },
  'GET /api/v1/sources/sites': {
    id: 'listSites',
    area: 'enabling',
    summary: 'Lists the sites on premises: hosts, and machines with their reasons against protection.',
    query: SitesQuery,
    responses: { 200: { description: 'The sites of the vaults.', schema: Sites } },
    problems: ['422 VaultUnknown', ...AZURE_PROBLEMS],
    examples: [
      { name: 'All sites', query: {}, status: 200 },
      {
        name: 'The sites of one vault',
        query: { vault: EXAMPLE_VAULT_ARM_ID },
        status: 200,
      },
    ],
  },
  'GET /api/v1/options': {
    id: 'listOptions',
    area: 'enabling',
    summary: 'Lists the options for a source, the best first.',
    query: OptionsQuery,
    responses: {
      200: {
        description: 'The options; with options for the target once the query names its region.',
        schema: Choices,
      },
    },
    problems: [...LOCATION_PROBLEMS, ...AZURE_PROBLEMS],
    examples: [
      {
        name: 'For a target region',
        query: { ...EXAMPLE_SOURCE, 'target.region': 'southeastasia' },
        status: 200,
      },
    ],
  },
  'GET /api/v1/firewall': {
    id: 'listFirewallEndpoints',
    area: 'enabling',
    summary: 'Lists the endpoints that a firewall or proxy must allow, for a region and a kind of machine.',
    query: FirewallQuery,
    responses: { 200: { description: 'Endpoints by URL and by service tag.', schema: Firewall } },
    problems: ['422 RegionUnknown', '422 CloudUnknown', ...AZURE_PROBLEMS],
    examples: [
      {
        name: 'From East Asia',
        query: { region: 'eastasia', 'target.region': 'southeastasia' },
        status: 200,
      },
      {
        name: 'Hosts of Hyper-V in a sovereign cloud',
        query: { region: 'usgovvirginia', machines: 'hyperVHost' },
        status: 200,
      },
      { name: 'A region of another cloud', query: { cloud: 'china', region: 'eastasia' }, status: 400 },
      { name: 'An unknown region', query: { region: 'nowhere' }, status: 422 },
    ],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
