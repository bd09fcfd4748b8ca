// Routes of vaults, and of what a source has to offer.
import { PLACE_CODES } from '../../enabling/rules/request/places.ts';
import { NativePlans } from '../answers/plan.ts';
import { Choices, Firewall, SourceVms, Vault, Vaults } from '../answers/vault.ts';
import { FirewallQuery } from '../queries.ts';
import { OptionsQuery, SourcesQuery } from '../../enabling/sourceQueries.ts';
import { AZURE, type Described } from './described.ts';
import { SOURCE, VAULT_ID } from './examples.ts';

const unknown = '404 VaultUnknown';
const WRONG_PLACES = PLACE_CODES.map((code) => `422 ${code}` as const);

export const VAULTS = {
  'GET /api/v1/vaults': {
    id: 'listVaults',
    area: 'vaults',
    summary: 'The vaults that Lifeboat was told of.',
    answers: { 200: { what: 'All of them.', schema: Vaults } },
    examples: [{ name: 'All', status: 200 }],
  },
  'GET /api/v1/vaults/{vaultId}': {
    id: 'readVault',
    area: 'vaults',
    summary: 'One of them as it stands: region, fabrics, containers, policies, mappings, how many items.',
    answers: { 200: { what: 'The vault as Azure shows it now.', schema: Vault } },
    problems: [unknown, '404 VaultGone', ...AZURE],
    examples: [
      { name: 'The vault of the sample environment', path: { vaultId: VAULT_ID }, status: 200 },
      { name: 'One that is not known', path: { vaultId: 'vault-none' }, status: 404 },
    ],
  },
  'GET /api/v1/vaults/{vaultId}/plans': {
    id: 'listNativePlans',
    area: 'vaults',
    summary: "Its recovery plans, as plans of Lifeboat's.",
    answers: { 200: { what: 'All of them, read from Site Recovery now.', schema: NativePlans } },
    problems: [unknown, ...AZURE],
    examples: [{ name: 'Those of the sample environment', path: { vaultId: VAULT_ID }, status: 200 }],
  },
  'GET /api/v1/sources/vms': {
    id: 'listSourceVms',
    area: 'enabling',
    summary: 'The VMs of a source: whether each can be protected, and if not why.',
    query: SourcesQuery,
    answers: { 200: { what: 'All of them.', schema: SourceVms } },
    problems: [...WRONG_PLACES, ...AZURE],
    examples: [
      { name: 'Of a resource group', query: { ...SOURCE, resourceGroup: 'contoso-shop' }, status: 200 },
      { name: 'A region that is none', query: { ...SOURCE, region: 'atlantis' }, status: 422 },
    ],
  },
  'GET /api/v1/options': {
    id: 'listOptions',
    area: 'enabling',
    summary: 'What may be chosen for a source, the best first.',
    query: OptionsQuery,
    answers: { 200: { what: 'What may be chosen; of a target once its region is named.', schema: Choices } },
    problems: [...WRONG_PLACES, ...AZURE],
    examples: [
      { name: 'For a target region', query: { ...SOURCE, targetRegion: 'southeastasia' }, status: 200 },
    ],
  },
  'GET /api/v1/firewall': {
    id: 'listFirewallEndpoints',
    area: 'enabling',
    summary: 'What a firewall or proxy must let through, in a cloud and region.',
    query: FirewallQuery,
    answers: { 200: { what: 'Endpoints by URL and by service tag.', schema: Firewall } },
    examples: [
      { name: 'From East Asia', query: { region: 'eastasia', targetRegion: 'southeastasia' }, status: 200 },
      { name: 'A region of another cloud', query: { cloud: 'china', region: 'eastasia' }, status: 400 },
    ],
  },
} as const satisfies Readonly<Record<string, Described>>;
