// Resolves the locations of a request: source, target and vault with their subscriptions. Pure.
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../../../../core/armId.ts';
import { sameId } from '../../../../siterecovery/item.ts';
import { cloudOf } from '../../../enabling/clouds.ts';
import type { RegionFacts, VaultFacts } from '../../../../azure/facts.ts';
import { isInRegion, keyOf, type Lookup } from '../../../enabling/lookup.ts';
import { resourceGroupIdOf, resourceIdOf, RESOURCE_TYPES } from '../../../enabling/resourceNames.ts';
import { formatList, suggestOneOf, refuse, type Notes, warn } from '../../../enabling/notes.ts';
import type { PrepareRequest } from './request.ts';
import type { Location } from '../../../enabling/support.ts';

/** The vault of a request. */
export interface VaultLocation {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly region: string;
  /** Null while the vault does not exist. */
  readonly facts: VaultFacts | null;
}

const tenantSubscriptions = (lookup: Lookup): readonly string[] =>
  lookup.subscriptions
    .filter(({ tenant, enabled }) => enabled && sameId(tenant, lookup.facts.tenant))
    .map(({ id, name }) => `${id} (${name})`);

/** Checks a subscription: it must belong to the tenant of the vault and be active. */
function checkSubscription(lookup: Lookup, subscription: string, role: string, notes: Notes): void {
  const found = lookup.subscriptions.find(({ id }) => sameId(id, subscription));
  const suggestion = `Name one of the tenant ${lookup.facts.tenant}: ${formatList(tenantSubscriptions(lookup))}.`;
  if (!found)
    refuse(
      notes,
      'SubscriptionUnknown',
      `The ${role} subscription ${subscription} does not exist, or cannot be seen. ${suggestion}`,
    );
  else if (!sameId(found.tenant, lookup.facts.tenant))
    refuse(
      notes,
      'OtherTenant',
      `The ${role} subscription ${subscription} is of the tenant ${found.tenant}, not of the ` +
        `vault's. ${suggestion}`,
    );
  else if (!found.enabled)
    refuse(
      notes,
      'SubscriptionDisabled',
      `The ${role} subscription ${subscription} is disabled. Enable it. ${suggestion}`,
    );
}

/** A misspelt group or service would look like a source without VMs. */
function checkSourceFilter(
  { facts }: Lookup,
  { subscription, resourceGroup, cloudService }: NonNullable<PrepareRequest['source']>,
  notes: Notes,
): void {
  const namesIn = (resources: readonly { readonly name: string; readonly subscription: string }[]) =>
    resources
      .filter((resource) => sameId(resource.subscription, subscription))
      .map(({ name }) => name)
      .sort();
  const [groups, services] = [namesIn(facts.resourceGroups), namesIn(facts.cloudServices)];
  const isMissing = (name: string | undefined, names: readonly string[]): boolean =>
    name !== undefined && names.length > 0 && !names.some((known) => sameId(known, name));
  if (isMissing(resourceGroup, groups))
    refuse(
      notes,
      'SourceGroupUnknown',
      `The source subscription has no resource group "${resourceGroup ?? ''}", or it cannot be seen. Name ` +
        `one of: ${formatList(groups)}.`,
    );
  if (isMissing(cloudService, services))
    refuse(
      notes,
      'SourceServiceUnknown',
      `The source subscription has no cloud service "${cloudService ?? ''}", or it cannot be seen. Name one ` +
        `of: ${formatList(services)}.`,
    );
}

function commonValue<T>(values: readonly T[]): T | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

/** The source of the request, or else the location of its VMs. */
export function resolveSource(lookup: Lookup, request: PrepareRequest, notes: Notes): Location {
  const location = request.source ?? locationOfVms(lookup, request, notes);
  if (!location) return { region: '', subscription: '' };
  if (!lookup.regionByName.has(location.region))
    refuse(
      notes,
      'RegionUnknown',
      `There is no region "${location.region}" to replicate from. ` +
        suggestOneOf(lookup.regions.map(({ name }) => name)),
    );
  else if (lookup.regionByName.get(location.region)?.offersSiteRecovery === false)
    refuse(
      notes,
      'RegionWithoutSiteRecovery',
      `Site Recovery is not offered in ${location.region}: nothing replicates from there. Name ` +
        'VMs of one of: ' +
        `${formatList(lookup.regions.filter(({ offersSiteRecovery }) => offersSiteRecovery).map(({ name }) => name))}.`,
    );
  checkSubscription(lookup, location.subscription, 'source', notes);
  if (request.source) checkSourceFilter(lookup, request.source, notes);
  if (request.source?.model === 'classic' && request.source.cloudService === undefined) {
    const services = [...lookup.vms.values()].flatMap((vm) =>
      vm.model === 'classic' && vm.cloudService && isInRegion(vm, location.region) ? [vm.cloudService] : [],
    );
    refuse(
      notes,
      'CloudServiceMissing',
      'Classic VMs are named by their cloud service, and none is given. Name one in "source": ' +
        `${formatList([...new Set(services)].sort())}.`,
    );
  }
  return { region: location.region, subscription: location.subscription.toLowerCase() };
}

function locationOfVms(lookup: Lookup, request: PrepareRequest, notes: Notes): Location | false {
  if (request.vms.length === 0)
    return refuse(
      notes,
      'SourceMissing',
      'Neither a source nor a VM is named, so the source is unknown. Name ' +
        '"source" with its region and subscription.',
    );
  const vms = request.vms.flatMap((id) => lookup.vms.get(keyOf(id)) ?? []);
  if (vms.length === 0)
    return refuse(
      notes,
      'SourceUnknown',
      'None of the named VMs exists, or is visible, and the request names no source. Name VMs ' +
        'that exist, or "source".',
    );
  const region = commonValue(vms.map((vm) => vm.region));
  const subscription = commonValue(vms.map((vm) => keyOf(vm.subscription)));
  if (region !== undefined && subscription !== undefined) return { region, subscription };
  const locations = [...new Set(vms.map((vm) => `${vm.region} in ${vm.subscription}`))].sort();
  return refuse(
    notes,
    'SourceUnclear',
    'The VMs are not all of one region and subscription. Name "source", or ask for each on ' +
      `its own: ${formatList(locations)}.`,
  );
}

/**
 * The possible target regions: the paired region first, then the same geography, then the rest of
 * the cloud.
 */
export function suitableRegions(lookup: Lookup, source: string): readonly RegionFacts[] {
  const sourceRegion = lookup.regionByName.get(source);
  const rank = (region: RegionFacts): number =>
    region.name === sourceRegion?.pairedWith
      ? 0
      : region.geography !== null && region.geography === sourceRegion?.geography
        ? 1
        : 2;
  return lookup.regions
    .filter(
      (region) =>
        region.offersSiteRecovery &&
        cloudOf(region.name) === cloudOf(source) &&
        (region.name !== source || region.zones.length > 1),
    )
    .sort((first, second) => rank(first) - rank(second));
}

/** The target of the request. Adds refusals for an unsuitable target. */
export function resolveTarget(
  lookup: Lookup,
  request: PrepareRequest,
  source: Location,
  notes: Notes,
): Location {
  const { region } = request.target;
  const subscription = request.target.subscription?.toLowerCase() ?? source.subscription;
  if (request.target.subscription) checkSubscription(lookup, subscription, 'target', notes);
  if (source.region !== '') checkTargetRegion(lookup, request, source.region, notes);
  return { region, subscription };
}

function checkTargetRegion(lookup: Lookup, request: PrepareRequest, source: string, notes: Notes): void {
  const { region } = request.target;
  const suitable = suitableRegions(lookup, source);
  const suggestion = suggestOneOf(suitable.filter(({ name }) => name !== source).map(({ name }) => name));
  const targetRegion = lookup.regionByName.get(region);
  if (!targetRegion) {
    refuse(notes, 'RegionUnknown', `There is no region "${region}" to replicate to. ${suggestion}`);
    return;
  }
  if (!targetRegion.offersSiteRecovery) {
    refuse(notes, 'RegionWithoutSiteRecovery', `Site Recovery is not offered in ${region}. ${suggestion}`);
    return;
  }
  if (cloudOf(region) !== cloudOf(source)) {
    refuse(notes, 'OtherCloud', `${region} belongs to another cloud of Azure than ${source}. ${suggestion}`);
    return;
  }
  if (region === source) {
    checkSameRegion(request, targetRegion, suggestion, notes);
    return;
  }
  const sourceGeography = lookup.regionByName.get(source)?.geography ?? null;
  if (
    sourceGeography !== null &&
    targetRegion.geography !== null &&
    sourceGeography !== targetRegion.geography
  )
    warn(
      notes,
      'OtherGeography',
      `${region} is in the geography ${targetRegion.geography}, ${source} in ${sourceGeography}: the data leave ` +
        'their geography.',
    );
}

/** Within one region, replication needs two zones and a target zone. */
function checkSameRegion(
  request: PrepareRequest,
  region: RegionFacts,
  suggestion: string,
  notes: Notes,
): void {
  if (region.zones.length < 2) {
    refuse(
      notes,
      'SameRegion',
      `${region.name} is the source region too, and has not two zones to replicate between. ${suggestion}`,
    );
    return;
  }
  const namesZone =
    request.target.zone !== undefined || Object.values(request.perVm).some(({ zone }) => zone !== undefined);
  if (!namesZone)
    refuse(
      notes,
      'SameRegion',
      `${region.name} is the source region too. That is possible from zone to zone only: name ` +
        `a target zone (${formatList([...region.zones].sort())}), or another region. ${suggestion}`,
    );
}

/**
 * The possible regions of a new vault: all regions in the cloud of the source. The source region
 * counts only for zone to zone.
 */
const possibleVaultRegions = (lookup: Lookup, source: Location, target: Location): string =>
  formatList(
    lookup.regions
      .filter(
        ({ name, offersSiteRecovery }) =>
          offersSiteRecovery &&
          (source.region === '' ||
            (cloudOf(name) === cloudOf(source.region) &&
              (name !== source.region || source.region === target.region))),
      )
      .map(({ name }) => name),
  );

/**
 * The vault of the request, even when it does not exist. The default is one vault for each target
 * region. Fact readers use this id too.
 */
export function requestedVault(
  request: PrepareRequest,
  target: Location,
): { readonly id: string; readonly region: string } {
  if (request.vault && 'id' in request.vault) return { id: request.vault.id, region: target.region };
  const name = `lifeboat-${target.region}`;
  const vault = request.vault ?? {
    name,
    subscription: target.subscription,
    resourceGroup: name,
    region: undefined,
  };
  return {
    id: resourceIdOf(
      resourceGroupIdOf(vault.subscription.toLowerCase(), vault.resourceGroup),
      RESOURCE_TYPES.vault,
      vault.name,
    ),
    region: vault.region ?? target.region,
  };
}

/** Finds the vault of the request. Adds refusals for an unsuitable vault. */
export function resolveVault(
  lookup: Lookup,
  request: PrepareRequest,
  source: Location,
  target: Location,
  notes: Notes,
): VaultLocation {
  const requested = requestedVault(request, target);
  const facts = lookup.facts.vault && sameId(lookup.facts.vault.id, requested.id) ? lookup.facts.vault : null;
  const id = facts?.id ?? requested.id;
  const location: VaultLocation = {
    id,
    facts,
    name: facts?.name ?? nameOf(id),
    subscription: subscriptionOf(id),
    resourceGroup: resourceGroupNameOf(id),
    region: facts?.region ?? requested.region,
  };
  if (request.vault && 'id' in request.vault && !facts)
    refuse(
      notes,
      VaultCode.unknown,
      `The vault ${requested.id} does not exist, or cannot be seen. Name an existing one, or one ` +
        'to be made with "name", "subscription" and "resourceGroup".',
    );
  else {
    if (request.vault) checkSubscription(lookup, location.subscription, "vault's", notes);
    checkVault(
      lookup,
      location,
      request.vault && 'region' in request.vault ? request.vault.region : undefined,
      source,
      target,
      notes,
    );
  }
  return location;
}

/** The codes of all messages about the location of the vault. */
const VaultCode = {
  unknown: 'VaultUnknown',
  elsewhere: 'VaultElsewhere',
  inSourceRegion: 'VaultInSourceRegion',
  inSameRegion: 'VaultInSameRegion',
  notInTargetRegion: 'VaultNotInTargetRegion',
} as const;
const VAULT_CODES: ReadonlySet<string> = new Set(Object.values(VaultCode));
/** Tells whether a message is about the location of the vault. */
export const isAboutVault = ({ code }: { readonly code: string }): boolean => VAULT_CODES.has(code);

function checkVault(
  lookup: Lookup,
  vault: VaultLocation,
  requestedRegion: string | undefined,
  source: Location,
  target: Location,
  notes: Notes,
): void {
  if (vault.facts === null) {
    const region = lookup.regionByName.get(vault.region);
    if (!region?.offersSiteRecovery)
      refuse(
        notes,
        'RegionWithoutSiteRecovery',
        `A vault cannot be made in "${vault.region}": ` +
          `${region ? 'Site Recovery is not offered there' : 'there is no such region'}. Name one ` +
          `of: ${possibleVaultRegions(lookup, source, target)}.`,
      );
  } else if (requestedRegion !== undefined && requestedRegion !== vault.region) {
    refuse(
      notes,
      VaultCode.elsewhere,
      `The vault ${vault.name} exists in ${vault.region}, and ${requestedRegion} was asked for. Name ` +
        `${vault.region}, leave the region out, or give the new vault another name.`,
    );
  }
  const zoneToZone = source.region === target.region;
  if (vault.region === source.region && !zoneToZone) {
    refuse(
      notes,
      VaultCode.inSourceRegion,
      `The vault ${vault.name} is in the source region ${source.region}: an outage of the region ` +
        `also takes the vault. Name one in another region, best in ${target.region}.`,
    );
  } else if (vault.region === source.region)
    warn(
      notes,
      VaultCode.inSameRegion,
      `The vault ${vault.name} is in ${source.region}, the region of both zones: when the ` +
        'whole region fails, the vault fails with it.',
    );
  else if (vault.region !== target.region)
    warn(
      notes,
      VaultCode.notInTargetRegion,
      `The vault ${vault.name} is in ${vault.region}; the target region ${target.region} is recommended.`,
    );
}
