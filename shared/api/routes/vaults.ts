// Routes of vaults, and of what a source has to offer.
import { LOCATION_PROBLEM_CODES } from '../../enabling/rules/request/locations.ts';
import { NativePlans } from '../responses/plan.ts';
import { Choices, Firewall, SourceVms, Vault, Vaults } from '../responses/vault.ts';
import { FirewallQuery } from '../queries.ts';
import { OptionsQuery, SourcesQuery } from '../../enabling/sourceQueries.ts';
import { AZURE_PROBLEMS, type RouteDescription } from './routeDescription.ts';
import { EXAMPLE_SOURCE, EXAMPLE_VAULT_ID } from './exampleValues.ts';

const UNKNOWN_VAULT = '404 VaultUnknown';
const LOCATION_PROBLEMS = LOCATION_PROBLEM_CODES.map((code) => `422 ${code}` as const);

export const VAULT_ROUTES = {
  'GET /api/v1/vaults': {
    id: 'listVaults',
    area: 'vaults',
    summary: 'The vaults that Lifeboat was told of.',
    responses: { 200: { description: 'All of them.', schema: Vaults } },
    examples: [{ name: 'All', status: 200 }],
  },
  'GET /api/v1/vaults/{vaultId}': {
    id: 'readVault',
    area: 'vaults',
    summary: 'One of them as it stands: region, fabrics, containers, policies, mappings, how many items.',
    responses: { 200: { description: 'The vault as Azure shows it now.', schema: Vault } },
    problems: [UNKNOWN_VAULT, '404 VaultGone', ...AZURE_PROBLEMS],
    examples: [
      { name: 'The vault of the sample environment', path: { vaultId: EXAMPLE_VAULT_ID }, status: 200 },
      { name: 'One that is not known', path: { vaultId: 'vault-none' }, status: 404 },
    ],
  },
  'GET /api/v1/vaults/{vaultId}/plans': {
    id: 'listNativePlans',
    area: 'vaults',
    summary: "Its recovery plans, as plans of Lifeboat's.",
    responses: { 200: { description: 'All of them, read from Site Recovery now.', schema: NativePlans } },
    problems: [UNKNOWN_VAULT, ...AZURE_PROBLEMS],
    examples: [{ name: 'Those of the sample environment', path: { vaultId: EXAMPLE_VAULT_ID }, status: 200 }],
  },
  'GET /api/v1/sources/vms': {
    id: 'listSourceVms',
    area: 'enabling',
    summary: 'The VMs of a source: whether each can be protected, and if not why.',
    query: SourcesQuery,
    responses: { 200: { description: 'All of them.', schema: SourceVms } },
    problems: [...LOCATION_PROBLEMS, ...AZURE_PROBLEMS],
    examples: [
      {
        name: 'Of a resource group',
        query: { ...EXAMPLE_SOURCE, resourceGroup: 'contoso-shop' },
        status: 200,
      },
      { name: 'A region that is none', query: { ...EXAMPLE_SOURCE, region: 'atlantis' }, status: 422 },
    ],
  },
  'GET /api/v1/options': {
    id: 'listOptions',
    area: 'enabling',
    summary: 'What may be chosen for a source, the best first.',
    query: OptionsQuery,
    responses: {
      200: { description: 'What may be chosen; of a target once its region is named.', schema: Choices },
    },
    problems: [...LOCATION_PROBLEMS, ...AZURE_PROBLEMS],
    examples: [
      {
        name: 'For a target region',
        query: { ...EXAMPLE_SOURCE, targetRegion: 'southeastasia' },
        status: 200,
      },
    ],
  },
  'GET /api/v1/firewall': {
    id: 'listFirewallEndpoints',
    area: 'enabling',
    summary: 'What a firewall or proxy must let through, in a cloud and region.',
    query: FirewallQuery,
    responses: { 200: { description: 'Endpoints by URL and by service tag.', schema: Firewall } },
    examples: [
      { name: 'From East Asia', query: { region: 'eastasia', targetRegion: 'southeastasia' }, status: 200 },
      { name: 'A region of another cloud', query: { cloud: 'china', region: 'eastasia' }, status: 400 },
    ],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
