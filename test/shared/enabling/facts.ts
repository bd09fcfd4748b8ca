// An environment for previews: Contoso's shop in East Asia, and its possible target regions.
import type {
  AzureFacts,
  NetworkFacts,
  SecurityGroupFacts,
  SecurityRule,
  SizeFacts,
  SourceDisk,
  SourceNic,
  SourceVm,
  VaultFacts,
} from '../../../shared/azure/facts.ts';
import type { EnablingPreview, VmPreview } from '../../../shared/scenarios/enabling/preview.ts';
import { PrepareRequest } from '../../../shared/scenarios/azureToAzure/enabling/request/request.ts';
import { vmFieldsOf, type VmWithSettings } from '../../support/vm-fields.ts';

export const TENANT = '7d1c8a52-3f0e-4b7a-9c46-1e5b0a6f2d10';
export const PRODUCTION = '2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
export const DEVELOPMENT = '81c0d6e4-7b2f-4f5d-9a3c-2e6b4d8f1a90';
export const FABRIKAM = 'c5e93b17-0d68-4a2b-b7f1-93a1e4c6d258';

export const groupId = (name: string, subscription = PRODUCTION): string =>
  `/subscriptions/${subscription}/resourceGroups/${name}`;
export const idOf = (group: string, type: string, name: string, subscription = PRODUCTION): string =>
  `${groupId(group, subscription)}/providers/${type}/${name}`;
export const vmId = (name: string, group = 'shop'): string =>
  idOf(group, 'Microsoft.Compute/virtualMachines', name);
export const networkId = (name: string, group = 'shop'): string =>
  idOf(group, 'Microsoft.Network/virtualNetworks', name);
export const availabilitySetId = (name: string, group = 'shop'): string =>
  idOf(group, 'Microsoft.Compute/availabilitySets', name);
export const nearId = (name: string, group = 'shop'): string =>
  idOf(group, 'Microsoft.Compute/proximityPlacementGroups', name);
export const storageAccountId = (name: string, group = 'shop'): string =>
  idOf(group, 'Microsoft.Storage/storageAccounts', name);
export const securityGroupId = (name: string, group = 'shop'): string =>
  idOf(group, 'Microsoft.Network/networkSecurityGroups', name);
export const vaultId = (name: string, group = name): string =>
  idOf(group, 'Microsoft.RecoveryServices/vaults', name);

export const makeDisk = (name: string, more: Partial<SourceDisk> = {}): SourceDisk => ({
  id: idOf('shop', 'Microsoft.Compute/disks', name),
  name,
  isOs: name.endsWith('-os'),
  sizeGb: 64,
  accountType: 'Premium_LRS',
  managed: true,
  storageAccountId: null,
  shared: false,
  ...more,
});
export const makeBlobDisk = (name: string, account = 'shoplegacy'): SourceDisk =>
  makeDisk(name, {
    id: `https://${account}.blob.core.windows.net/vhds/${name}.vhd`,
    accountType: null,
    managed: false,
    storageAccountId: storageAccountId(account),
  });
export const makeNic = (name: string, more: Partial<SourceNic> = {}): SourceNic => ({
  id: idOf('shop', 'Microsoft.Network/networkInterfaces', name),
  name,
  primary: true,
  networkId: networkId('shop-network'),
  subnet: 'web',
  securityGroupId: null,
  acceleratedNetworking: false,
  ...more,
});
export const makeVm = (name: string, more: Partial<SourceVm> = {}): SourceVm => ({
  id: vmId(name, more.resourceGroup),
  name,
  subscription: PRODUCTION,
  resourceGroup: 'shop',
  region: 'eastasia',
  model: 'resourceManager',
  cloudService: null,
  size: 'Standard_D2s_v5',
  osType: 'Linux',
  os: null,
  generation: 'V2',
  power: 'running',
  agentReady: true,
  zone: null,
  availabilitySetId: null,
  placementGroupId: null,
  scaleSetId: null,
  disks: [makeDisk(`${name}-os`)],
  nics: [makeNic(`${name}-nic`)],
  ...more,
});

export const makeSecurityRule = (
  name: string,
  priority: number,
  more: Partial<SecurityRule> = {},
): SecurityRule => ({
  name,
  priority,
  direction: 'Outbound',
  access: 'Deny',
  protocol: '*',
  sources: ['*'],
  destinations: ['*'],
  destinationPorts: ['*'],
  ...more,
});
export const DEFAULT_RULES: readonly SecurityRule[] = [
  makeSecurityRule('AllowVnetInBound', 65_000, {
    direction: 'Inbound',
    access: 'Allow',
    sources: ['VirtualNetwork'],
    destinations: ['VirtualNetwork'],
  }),
  makeSecurityRule('DenyAllInBound', 65_500, { direction: 'Inbound' }),
  makeSecurityRule('AllowVnetOutBound', 65_000, {
    access: 'Allow',
    sources: ['VirtualNetwork'],
    destinations: ['VirtualNetwork'],
  }),
  makeSecurityRule('AllowInternetOutBound', 65_001, { access: 'Allow', destinations: ['Internet'] }),
  makeSecurityRule('DenyAllOutBound', 65_500),
];
export const makeSecurityGroup = (name: string, rules: readonly SecurityRule[]): SecurityGroupFacts => ({
  id: securityGroupId(name),
  name,
  region: 'eastasia',
  rules: [...rules, ...DEFAULT_RULES],
});

export const makeNetwork = (
  name: string,
  region = 'eastasia',
  group = 'shop',
  subnets = ['web', 'app'],
): NetworkFacts => ({
  id: networkId(name, group),
  name,
  subscription: PRODUCTION,
  region,
  addressPrefixes: ['10.20.0.0/16'],
  subnets: subnets.map((subnet, at) => ({
    name: subnet,
    addressPrefixes: [`10.20.${at}.0/24`],
    securityGroupId: null,
  })),
});

const makeSize = (
  name: string,
  region: string,
  vcpus: number,
  memoryGb: number,
  family: string,
  more: Partial<SizeFacts> = {},
): SizeFacts => ({
  name,
  region,
  family,
  vcpus,
  memoryGb,
  premiumStorage: true,
  nics: 4,
  dataDisks: 8,
  generations: ['V1', 'V2'],
  zones: region === 'southindia' ? [] : ['1', '2', '3'],
  restricted: false,
  acceleratedNetworking: true,
  ...more,
});
const makeSizes = (region: string): SizeFacts[] => [
  makeSize('Standard_D2s_v5', region, 2, 8, 'standardDSv5Family'),
  makeSize('Standard_D4s_v5', region, 4, 16, 'standardDSv5Family'),
  makeSize('Standard_E4s_v5', region, 4, 32, 'standardESv5Family'),
  makeSize('Standard_E8s_v5', region, 8, 64, 'standardESv5Family'),
  makeSize('Standard_D2_v5', region, 2, 8, 'standardDv5Family', { premiumStorage: false }),
  ...(region === 'eastasia' ? [makeSize('Standard_L8s_v3', region, 8, 64, 'standardLSv3Family')] : []),
  makeSize('Standard_M64s', region, 64, 1024, 'standardMSFamily', { restricted: region !== 'eastasia' }),
];

const makeRegion = (
  name: string,
  displayName: string,
  more: Partial<AzureFacts['regions'][number]> = {},
) => ({
  name,
  displayName,
  geography: 'Asia Pacific',
  pairedWith: null,
  zones: ['1', '2', '3'],
  offersSiteRecovery: true,
  ...more,
});

export const FACTS: AzureFacts = {
  tenant: TENANT,
  subscriptions: [
    { id: PRODUCTION, name: 'production', tenant: TENANT, enabled: true },
    { id: DEVELOPMENT, name: 'development', tenant: TENANT, enabled: true },
    { id: FABRIKAM, name: 'fabrikam', tenant: '0a94f3d1-6c5e-4b28-8e07-5d2b9f41c6e3', enabled: true },
  ],
  regions: [
    makeRegion('eastasia', 'East Asia', { pairedWith: 'southeastasia' }),
    makeRegion('southeastasia', 'Southeast Asia', { pairedWith: 'eastasia' }),
    makeRegion('southindia', 'South India', { zones: [], geography: 'India' }),
    makeRegion('nowhere', 'Nowhere', { offersSiteRecovery: false }),
    makeRegion('chinaeast2', 'China East 2', { geography: 'China' }),
  ],
  resourceGroups: [{ id: groupId('shop'), name: 'shop', subscription: PRODUCTION, region: 'eastasia' }],
  vms: [makeVm('web'), makeVm('app', { nics: [makeNic('app-nic', { subnet: 'app' })] })],
  networks: [makeNetwork('shop-network')],
  securityGroups: [],
  storageAccounts: [],
  availabilitySets: [
    {
      id: availabilitySetId('app-set'),
      name: 'app-set',
      region: 'eastasia',
      faultDomains: 2,
      updateDomains: 5,
      aligned: true,
      placementGroupId: null,
    },
  ],
  placementGroups: [{ id: nearId('near'), name: 'near', region: 'eastasia', zones: [] }],
  sizes: ['eastasia', 'southeastasia', 'southindia'].flatMap(makeSizes),
  quotas: [
    { name: 'cores', displayName: 'Total Regional vCPUs', used: 10, limit: 110 },
    { name: 'standardDSv5Family', displayName: 'Standard DSv5 Family vCPUs', used: 0, limit: 60 },
    { name: 'standardESv5Family', displayName: 'Standard ESv5 Family vCPUs', used: 0, limit: 64 },
  ],
  readAt: '2026-01-05T08:00:00.000Z',
  vault: null,
  enableCounts: {},
  otherVaultNames: {},
  registeredVms: [],
  confirmations: [],
  usedAccountNames: [],
  cloudServices: [],
  incomingVms: [],
  setLimits: [
    { region: 'southeastasia', aligned: true, faultDomains: 2 },
    { region: 'southeastasia', aligned: false, faultDomains: 3 },
  ],
};

export const factsWith = (more: Partial<AzureFacts>): AzureFacts => ({ ...FACTS, ...more });

export const makeRequest = (
  names: readonly (string | VmWithSettings)[],
  more: { readonly target?: object; readonly [key: string]: unknown } = {},
): PrepareRequest =>
  PrepareRequest.parse({
    ...more,
    target: { region: 'southeastasia', ...more.target },
    source: more['source'] ?? { region: 'eastasia', subscription: PRODUCTION },
    ...vmFieldsOf(...names.map((name) => (typeof name === 'string' ? vmId(name) : name))),
  });

export const makeVault = (more: Partial<VaultFacts> = {}): VaultFacts => ({
  id: vaultId('lifeboat-southeastasia'),
  name: 'lifeboat-southeastasia',
  subscription: PRODUCTION,
  resourceGroup: 'lifeboat-southeastasia',
  region: 'southeastasia',
  fabrics: [],
  containers: [],
  policies: [],
  containerMappings: [],
  networkMappings: [],
  items: [],
  sites: [],
  replicatedVms: [],
  ...more,
});

/** Matches any text that contains this text. */
export const containingText = (text: string): unknown => expect.stringContaining(text);

export const onlyVm = (preview: EnablingPreview): VmPreview => {
  expect(preview.refusals).toEqual([]);
  const [vm] = preview.vms;
  if (!vm) throw new Error('The preview has no VM.');
  return vm;
};
export const settingsOf = (preview: EnablingPreview) => {
  const vm = onlyVm(preview);
  if (!vm.settings) throw new Error(`Refused: ${JSON.stringify(vm.refusals)}`);
  return vm.settings;
};
export const choiceOf = (preview: EnablingPreview, what: string) =>
  onlyVm(preview).choices.find((choice) => choice.what === what);
export const codesOf = (refusals: readonly { readonly code: string }[]): string[] =>
  refusals.map(({ code }) => code);
export const prerequisitesOf = (preview: EnablingPreview, kind: string) =>
  preview.prerequisites.filter(({ spec }) => spec.kind === kind);
