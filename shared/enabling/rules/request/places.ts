// From where, to where, under whose subscriptions: source, target and vault of a wish.
import { groupNameOf, nameOf, subscriptionOf } from '../../../core/armId.ts';
import { sameId } from '../../../siterecovery/item.ts';
import { cloudOf } from '../network/clouds.ts';
import type { RegionFacts, VaultFacts } from '../../../azure/facts.ts';
import { isIn, key, type Lookup } from '../lookup.ts';
import { groupIdOf, resourceIdOf, TYPES } from '../prerequisites/names.ts';
import { listed, refuse, type Notes, warn } from '../notes.ts';
import type { PrepareWish } from './request.ts';

/** What is wrong with a place, whatever is to be done there. */
export const PLACE_CODES = [
  'RegionUnknown',
  'SubscriptionUnknown',
  'OtherTenant',
  'SubscriptionDisabled',
  'RegionWithoutSiteRecovery',
  'OtherCloud',
] as const;

export interface Place {
  readonly region: string;
  readonly subscription: string;
}

export interface VaultPlace {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly region: string;
  /** Null while it is still to be made. */
  readonly facts: VaultFacts | null;
}

const tenantsOwn = (look: Lookup): readonly string[] =>
  look.subscriptions
    .filter(({ tenant, enabled }) => enabled && sameId(tenant, look.facts.tenant))
    .map(({ id, name }) => `${id} (${name})`);

/** Any subscription of the vault's own tenant. */
function judgeSubscription(look: Lookup, subscription: string, role: string, notes: Notes): void {
  const found = look.subscriptions.find(({ id }) => sameId(id, subscription));
  const instead = `Name one of the tenant ${look.facts.tenant}: ${listed(tenantsOwn(look))}.`;
  if (!found)
    refuse(
      notes,
      'SubscriptionUnknown',
      `The ${role} subscription ${subscription} does not exist, or cannot be seen. ${instead}`,
    );
  else if (!sameId(found.tenant, look.facts.tenant))
    refuse(
      notes,
      'OtherTenant',
      `The ${role} subscription ${subscription} is of the tenant ${found.tenant}, not of the ` +
        `vault's. ${instead}`,
    );
  else if (!found.enabled)
    refuse(
      notes,
      'SubscriptionDisabled',
      `The ${role} subscription ${subscription} is disabled. Enable it. ${instead}`,
    );
}

function agreed<T>(values: readonly T[]): T | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

/** As the wish says or, when it does not, where its VMs are. */
export function sourceOf(look: Lookup, wish: PrepareWish, notes: Notes): Place {
  const place = wish.source ?? placeOfVms(look, wish, notes);
  if (!place) return { region: '', subscription: '' };
  if (!look.regionNamed.has(place.region))
    refuse(
      notes,
      'RegionUnknown',
      `There is no region "${place.region}" to replicate from. Name one of: ` +
        `${listed(look.regions.map(({ name }) => name))}.`,
    );
  else if (look.regionNamed.get(place.region)?.offersSiteRecovery === false)
    refuse(
      notes,
      'RegionWithoutSiteRecovery',
      `Site Recovery is not offered in ${place.region}: nothing replicates from there. Name ` +
        'VMs of one of: ' +
        `${listed(look.regions.filter(({ offersSiteRecovery }) => offersSiteRecovery).map(({ name }) => name))}.`,
    );
  judgeSubscription(look, place.subscription, 'source', notes);
  if (wish.source?.model === 'classic' && wish.source.cloudService === undefined) {
    const services = [...look.vms.values()].flatMap((vm) =>
      vm.model === 'classic' && vm.cloudService && isIn(vm, place.region) ? [vm.cloudService] : [],
    );
    refuse(
      notes,
      'CloudServiceMissing',
      'Classic VMs are named by their cloud service, and none is given. Name one in "source": ' +
        `${listed([...new Set(services)].sort())}.`,
    );
  }
  return { region: place.region, subscription: place.subscription.toLowerCase() };
}

function placeOfVms(look: Lookup, wish: PrepareWish, notes: Notes): Place | false {
  if (wish.vms.length === 0)
    return refuse(
      notes,
      'SourceMissing',
      'Neither a source nor a VM is named, so nobody knows from where to replicate. Name ' +
        '"source" with its region and subscription.',
    );
  const vms = wish.vms.flatMap(({ id }) => look.vms.get(key(id)) ?? []);
  if (vms.length === 0)
    return refuse(
      notes,
      'SourceUnknown',
      'None of the VMs that are named exists, or can be seen, and no source is named. Name VMs ' +
        'that exist, or "source".',
    );
  const region = agreed(vms.map((vm) => vm.region));
  const subscription = agreed(vms.map((vm) => key(vm.subscription)));
  if (region !== undefined && subscription !== undefined) return { region, subscription };
  const places = [...new Set(vms.map((vm) => `${vm.region} in ${vm.subscription}`))].sort();
  return refuse(
    notes,
    'SourceUnclear',
    'The VMs are not all of one region and subscription. Name "source", or ask for each on ' +
      `its own: ${listed(places)}.`,
  );
}

/** All that a source could replicate to: paired first, then its own geography, then the rest of its cloud. */
export function suitableRegions(look: Lookup, source: string): readonly RegionFacts[] {
  const from = look.regionNamed.get(source);
  const rank = (region: RegionFacts): number =>
    region.name === from?.pairedWith
      ? 0
      : region.geography !== null && region.geography === from?.geography
        ? 1
        : 2;
  return look.regions
    .filter(
      (region) =>
        region.offersSiteRecovery &&
        cloudOf(region.name) === cloudOf(source) &&
        (region.name !== source || region.zones.length > 1),
    )
    .sort((a, b) => rank(a) - rank(b));
}

export function targetOf(look: Lookup, wish: PrepareWish, source: Place, notes: Notes): Place {
  const { region } = wish.target;
  const subscription = wish.target.subscription?.toLowerCase() ?? source.subscription;
  if (wish.target.subscription) judgeSubscription(look, subscription, 'target', notes);
  if (source.region !== '') judgeTargetRegion(look, wish, source.region, notes);
  return { region, subscription };
}

function judgeTargetRegion(look: Lookup, wish: PrepareWish, source: string, notes: Notes): void {
  const { region } = wish.target;
  const suitable = suitableRegions(look, source);
  const instead =
    'Name one of: ' + `${listed(suitable.filter(({ name }) => name !== source).map(({ name }) => name))}.`;
  const there = look.regionNamed.get(region);
  if (!there) {
    refuse(notes, 'RegionUnknown', `There is no region "${region}" to replicate to. ${instead}`);
    return;
  }
  if (!there.offersSiteRecovery) {
    refuse(notes, 'RegionWithoutSiteRecovery', `Site Recovery is not offered in ${region}. ${instead}`);
    return;
  }
  if (cloudOf(region) !== cloudOf(source)) {
    refuse(notes, 'OtherCloud', `${region} belongs to another cloud of Azure than ${source}. ${instead}`);
    return;
  }
  if (region === source) {
    judgeSameRegion(wish, there, instead, notes);
    return;
  }
  const from = look.regionNamed.get(source)?.geography ?? null;
  if (from !== null && there.geography !== null && from !== there.geography)
    warn(
      notes,
      'OtherGeography',
      `${region} is in the geography ${there.geography}, ${source} in ${from}: the data leave ` +
        'their geography.',
    );
}

/** Within one region only from zone to zone. */
function judgeSameRegion(wish: PrepareWish, region: RegionFacts, instead: string, notes: Notes): void {
  if (region.zones.length < 2) {
    refuse(
      notes,
      'SameRegion',
      `${region.name} is the source region too, and has not two zones to replicate between. ${instead}`,
    );
    return;
  }
  const zoned = wish.target.zone !== undefined || wish.vms.some(({ zone }) => zone !== undefined);
  if (!zoned)
    refuse(
      notes,
      'SameRegion',
      `${region.name} is the source region too. That is possible from zone to zone only: name ` +
        `a target zone (${listed([...region.zones].sort())}), or another region. ${instead}`,
    );
}

/**
 * Where a new vault could stand: anywhere in the cloud of the source but in the source region,
 * unless both zones are there.
 */
const vaultRegions = (look: Lookup, source: Place, target: Place): string =>
  listed(
    look.regions
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
 * The vault that is meant, whether it exists or not; Lifeboat's own choice is one per target
 * region. Who reads facts looks for it here.
 */
export function vaultMeant(
  wish: PrepareWish,
  target: Place,
): { readonly id: string; readonly region: string } {
  if (wish.vault && 'id' in wish.vault) return { id: wish.vault.id, region: target.region };
  const name = `lifeboat-${target.region}`;
  const named = wish.vault ?? {
    name,
    subscription: target.subscription,
    resourceGroup: name,
    region: undefined,
  };
  return {
    id: resourceIdOf(
      groupIdOf(named.subscription.toLowerCase(), named.resourceGroup),
      TYPES.vault,
      named.name,
    ),
    region: named.region ?? target.region,
  };
}

export function vaultOf(
  look: Lookup,
  wish: PrepareWish,
  source: Place,
  target: Place,
  notes: Notes,
): VaultPlace {
  const meant = vaultMeant(wish, target);
  const facts = look.facts.vault && sameId(look.facts.vault.id, meant.id) ? look.facts.vault : null;
  const id = facts?.id ?? meant.id;
  const place: VaultPlace = {
    id,
    facts,
    name: facts?.name ?? nameOf(id),
    subscription: subscriptionOf(id),
    resourceGroup: groupNameOf(id),
    region: facts?.region ?? meant.region,
  };
  if (wish.vault && 'id' in wish.vault && !facts)
    refuse(
      notes,
      VaultCode.unknown,
      `The vault ${meant.id} does not exist, or cannot be seen. Name an existing one, or one ` +
        'to be made with "name", "subscription" and "resourceGroup".',
    );
  else {
    if (wish.vault) judgeSubscription(look, place.subscription, "vault's", notes);
    judgeVault(
      look,
      place,
      wish.vault && 'region' in wish.vault ? wish.vault.region : undefined,
      source,
      target,
      notes,
    );
  }
  return place;
}

/** The codes of all that is said about where the vault is. */
const VaultCode = {
  unknown: 'VaultUnknown',
  elsewhere: 'VaultElsewhere',
  inSourceRegion: 'VaultInSourceRegion',
  inSameRegion: 'VaultInSameRegion',
  notInTargetRegion: 'VaultNotInTargetRegion',
} as const;
const VAULT_CODES: ReadonlySet<string> = new Set(Object.values(VaultCode));
export const isAboutVault = ({ code }: { readonly code: string }): boolean => VAULT_CODES.has(code);

function judgeVault(
  look: Lookup,
  vault: VaultPlace,
  wished: string | undefined,
  source: Place,
  target: Place,
  notes: Notes,
): void {
  if (vault.facts === null) {
    const region = look.regionNamed.get(vault.region);
    if (!region?.offersSiteRecovery)
      refuse(
        notes,
        'RegionWithoutSiteRecovery',
        `A vault cannot be made in "${vault.region}": ` +
          `${region ? 'Site Recovery is not offered there' : 'there is no such region'}. Name one ` +
          `of: ${vaultRegions(look, source, target)}.`,
      );
  } else if (wished !== undefined && wished !== vault.region) {
    refuse(
      notes,
      VaultCode.elsewhere,
      `The vault ${vault.name} exists in ${vault.region}, and ${wished} was asked for. Name ` +
        `${vault.region}, leave the region out, or give the new vault another name.`,
    );
  }
  const zoneToZone = source.region === target.region;
  if (vault.region === source.region && !zoneToZone) {
    refuse(
      notes,
      VaultCode.inSourceRegion,
      `The vault ${vault.name} is in the source region ${source.region}: who loses the region ` +
        `loses the vault. Name one in another region, best in ${target.region}.`,
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
