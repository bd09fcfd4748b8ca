// All facts about one wish, by lists: the number of reads does not grow with the number of machines.
import { groupNameOf, subscriptionOf, isClassicId } from '../core/armId.ts';
import { config } from '../core/config.ts';
import { DeploymentModel, type Facts, type SourceVm, type SubscriptionFacts } from '../azure/facts.ts';
import { vaultMeant } from './rules/request/places.ts';
import { previewEnabling } from './rules/previewEnabling.ts';
import type { PrepareWish } from './rules/request/request.ts';
import { reading } from '../azure/faults.ts';
import {
  readClassicGround,
  readGround,
  readQuotas,
  readRegions,
  readResourceGroups,
  readOffers,
  readSubscriptions,
  readVms,
  takenAccountNames,
  type ClassicGround,
  type Ground,
} from '../azure/reads.ts';
import { readVault } from '../replications/vaultFacts.ts';

export function survey(wish: PrepareWish, generations: Readonly<Record<string, number>>): Promise<Facts> {
  return reading('what this wish is about', async () => {
    const subscriptions = await readSubscriptions();
    const places = placesOf(wish, subscriptions);
    const { region } = wish.target;
    const regions = places.any === null ? [] : await readRegions(places.any);
    // Azure refuses questions about a region that is none; who wished for it is told so.
    const isRegion = (name: string): boolean => regions.some((one) => one.name === name);
    const target = isRegion(region) ? places.target : null;
    const [grounds, vaultGroups, quotas, offers, vault] = await Promise.all([
      Promise.all(places.readable.map(readGround)),
      places.vaultOnly === null ? [] : readResourceGroups(places.vaultOnly),
      target === null ? [] : readQuotas(target, region),
      target === null ? { sizes: [], setLimits: [] } : readOffers(target, region),
      places.vaultId === null ? null : readVault(places.vaultId),
    ]);
    const classic = isClassic(wish);
    const { networks, storageAccounts, cloudServices } = classic
      ? together(await Promise.all(places.readable.map(readClassicGround)), [
          'networks',
          'storageAccounts',
          'cloudServices',
        ])
      : NOTHING_CLASSIC;
    const own = together(grounds, KINDS);
    const ground = {
      ...own,
      networks: [...own.networks, ...networks],
      storageAccounts: [...own.storageAccounts, ...storageAccounts],
    };
    const vms = (
      await Promise.all(places.sources.map((subscription) => readSources(wish, subscription, ground)))
    ).flat();
    const others = [
      ...new Set([...(wish.source ? [wish.source.region] : []), ...vms.map((vm) => vm.region)]),
    ].filter((one) => one !== region && isRegion(one));
    const sourceSizes =
      target === null
        ? []
        : (await Promise.all(others.map((one) => readOffers(target, one)))).flatMap(({ sizes }) => sizes);
    return withTakenNames(
      {
        tenant: config().LIFEBOAT_TENANT_ID,
        subscriptions,
        regions,
        ...ground,
        resourceGroups: [...ground.resourceGroups, ...vaultGroups],
        cloudServices,
        vms,
        sizes: [...offers.sizes, ...sourceSizes],
        setLimits: offers.setLimits,
        coming: [],
        quotas,
        vault,
        generations,
        protectedElsewhere: {},
        remembered: [],
        takenAccountNames: [],
      },
      wish,
      places.any,
    );
  });
}

const MOST_TURNS = 5;

/**
 * Of the storage accounts that would be made, the names that somebody has: for each of them another
 * is thought of, and asked for in its turn.
 */
async function withTakenNames(
  facts: Facts,
  wish: PrepareWish,
  subscription: string | null,
  turn = 0,
): Promise<Facts> {
  const names = new Set(
    previewEnabling(facts, wish).parts.flatMap((part) =>
      part.spec.kind === 'storageAccount' && part.action === 'create' ? [part.name] : [],
    ),
  );
  if (subscription === null || names.size === 0 || turn === MOST_TURNS) return facts;
  const taken = await takenAccountNames(subscription, [...names]);
  return taken.length === 0
    ? facts
    : withTakenNames(
        { ...facts, takenAccountNames: [...facts.takenAccountNames, ...taken] },
        wish,
        subscription,
        turn + 1,
      );
}

interface Places {
  readonly sources: readonly string[];
  readonly target: string | null;
  /** The vault that is meant, when its subscription can be seen. */
  readonly vaultId: string | null;
  /** Its subscription, when it is another one. */
  readonly vaultOnly: string | null;
  readonly readable: readonly string[];
  /** Any one that can be seen: the regions are the same for all. */
  readonly any: string | null;
}

/**
 * Only what Lifeboat can see in its own tenant is read: of the rest there are no facts, and who
 * wished for it is told so.
 */
function placesOf(wish: PrepareWish, subscriptions: readonly SubscriptionFacts[]): Places {
  const { source, vms, target } = wish;
  const seen = new Set(
    subscriptions
      .filter(({ tenant, enabled }) => tenant === config().LIFEBOAT_TENANT_ID && enabled)
      .map(({ id }) => id.toLowerCase()),
  );
  const ifSeen = (subscription: string | undefined): string | null =>
    subscription !== undefined && seen.has(subscription.toLowerCase()) ? subscription.toLowerCase() : null;
  const sources = [
    ...new Set([...(source ? [source.subscription] : []), ...vms.map(({ id }) => subscriptionOf(id))]),
  ].flatMap((one) => ifSeen(one) ?? []);
  const to = ifSeen(target.subscription ?? sources[0]);
  const readable = [...new Set([...sources, ...(to === null ? [] : [to])])];
  const vaultId =
    wish.vault || to !== null ? vaultMeant(wish, { region: target.region, subscription: to ?? '' }).id : null;
  const home = vaultId === null ? null : ifSeen(subscriptionOf(vaultId));
  return {
    sources,
    target: to,
    readable,
    vaultId: home === null ? null : vaultId,
    vaultOnly: home !== null && !readable.includes(home) ? home : null,
    any: to ?? readable[0] ?? [...seen][0] ?? null,
  };
}

const KINDS = [
  'resourceGroups',
  'networks',
  'securityGroups',
  'storageAccounts',
  'availabilitySets',
  'placementGroups',
] as const satisfies (keyof Ground)[];
const NOTHING_CLASSIC: ClassicGround = { networks: [], storageAccounts: [], cloudServices: [] };

const together = <T extends Readonly<Record<Kind, readonly unknown[]>>, Kind extends keyof T>(
  grounds: readonly T[],
  kinds: readonly Kind[],
): Pick<T, Kind> =>
  Object.fromEntries(
    kinds.map((kind) => [kind, grounds.flatMap((ground) => ground[kind])]),
  ) as unknown as Pick<T, Kind>;

const isClassic = ({ source, vms }: PrepareWish): boolean =>
  source ? source.model === DeploymentModel.classic : vms.some(({ id }) => isClassicId(id));

/**
 * The machines that were named, wherever they are, and those of the source that was told. Without a
 * source: all that stand where the named ones do.
 */
async function readSources(
  wish: PrepareWish,
  subscription: string,
  { storageAccounts }: Ground,
): Promise<SourceVm[]> {
  const { source, vms } = wish;
  const named = new Set(vms.map(({ id }) => id.toLowerCase()));
  const groups = new Set([...named].map((id) => groupNameOf(id)));
  const inSource = (vm: { readonly region: string; readonly resourceGroup: string }): boolean =>
    source
      ? source.subscription.toLowerCase() === subscription &&
        vm.region === source.region &&
        (source.resourceGroup === undefined ||
          source.resourceGroup.toLowerCase() === vm.resourceGroup.toLowerCase())
      : groups.has(vm.resourceGroup.toLowerCase());
  const found = await readVms({
    subscription,
    named,
    classic: isClassic(wish),
    storageAccounts,
    wanted: (vm) => named.has(vm.id.toLowerCase()) || inSource(vm),
  });
  return found.filter(
    (vm) =>
      named.has(vm.id.toLowerCase()) ||
      !source ||
      (vm.model === source.model &&
        (source.cloudService === undefined ||
          vm.cloudService?.toLowerCase() === source.cloudService.toLowerCase())),
  );
}
