// Reads all facts of Azure about one request. It reads lists, so the number of reads does not grow
// with the number of machines. It writes nothing.
import { subscriptionOf } from '../core/armId.ts';
import { clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { type AzureFacts, type SourceVm, type SubscriptionFacts } from '../azure/facts.ts';
import { previewRequest } from './rules/previewRequest.ts';
import { withReadFaults } from '../azure/readFaults.ts';
import {
  readClassicFacts,
  readSubscriptionResources,
  readQuotas,
  readRegions,
  readResourceGroups,
  readRegionOffers,
  readSubscriptions,
  readVms,
  findUsedAccountNames,
  type ClassicFacts,
  type SubscriptionResources,
} from '../azure/subscriptionReads.ts';
import { readFactsOfVault } from '../replications/vaultFacts.ts';
import { enablingFor } from '../scenarios/drivers.ts';
import type { CommonRequest, NeededFacts } from '../scenarios/enabling/support.ts';

/** The facts that the store of Lifeboat adds later. */
const FACTS_OF_STORE = {
  incomingVms: [],
  otherVaultNames: {},
  registeredVms: [],
  confirmations: [],
  usedAccountNames: [],
};

/** Reads the facts of Azure that a preview of the request needs. */
export function readRequestFacts(
  request: CommonRequest,
  generations: Readonly<Record<string, number>>,
): Promise<AzureFacts> {
  return withReadFaults('the facts of this request', async () => {
    const subscriptions = await readSubscriptions();
    const needed = enablingFor(request.goal).neededFacts(request);
    const requestSubscriptions = requestSubscriptionsOf(request, needed, subscriptions);
    const { region } = request.target;
    const regions =
      requestSubscriptions.anySubscription === null
        ? []
        : await readRegions(requestSubscriptions.anySubscription);
    // Azure refuses queries about an unknown region. The preview then reports the unknown region to
    // the caller.
    const isRegion = (name: string): boolean => regions.some((candidate) => candidate.name === name);
    const target = isRegion(region) ? requestSubscriptions.targetSubscription : null;
    const [factLists, vaultGroups, quotas, offers, vault] = await Promise.all([
      Promise.all(requestSubscriptions.readable.map(readSubscriptionResources)),
      requestSubscriptions.extraVaultSubscription === null
        ? []
        : readResourceGroups(requestSubscriptions.extraVaultSubscription),
      target === null ? [] : readQuotas(target, region),
      target === null ? { sizes: [], setLimits: [] } : readRegionOffers(target, region),
      requestSubscriptions.vaultId === null ? null : readFactsOfVault(requestSubscriptions.vaultId),
    ]);
    const { networks, storageAccounts, cloudServices } = needed.includesClassic
      ? mergeFactLists(await Promise.all(requestSubscriptions.readable.map(readClassicFacts)), [
          'networks',
          'storageAccounts',
          'cloudServices',
        ])
      : NO_CLASSIC_FACTS;
    const resourceManagerFacts = mergeFactLists(factLists, FACT_LIST_NAMES);
    const resourceFacts = {
      ...resourceManagerFacts,
      networks: [...resourceManagerFacts.networks, ...networks],
      storageAccounts: [...resourceManagerFacts.storageAccounts, ...storageAccounts],
    };
    const requestedIds = new Set(request.vms.map((id) => id.toLowerCase()));
    const vms = (
      await Promise.all(
        requestSubscriptions.sourceSubscriptions.map((subscription) =>
          readSourceVms(needed, requestedIds, subscription, resourceFacts),
        ),
      )
    ).flat();
    const otherRegions = [
      ...new Set([...(needed.sourceRegion ? [needed.sourceRegion] : []), ...vms.map((vm) => vm.region)]),
    ].filter((name) => name !== region && isRegion(name));
    const otherOffers =
      target === null ? [] : await Promise.all(otherRegions.map((name) => readRegionOffers(target, name)));
    return addTakenAccountNames(
      {
        readAt: (await clock().now()).toISOString(),
        tenant: config().LIFEBOAT_TENANT_ID,
        subscriptions,
        regions,
        ...resourceFacts,
        resourceGroups: [...resourceFacts.resourceGroups, ...vaultGroups],
        cloudServices,
        vms,
        sizes: [...offers.sizes, ...otherOffers.flatMap(({ sizes }) => sizes)],
        setLimits: offers.setLimits,
        quotas,
        vault,
        enableCounts: generations,
        ...FACTS_OF_STORE,
      },
      request,
      requestSubscriptions.anySubscription,
    );
  });
}

const MAX_ROUNDS = 5;

/**
 * Finds the planned account names that are already in use in Azure. Each used name leads to another
 * planned name, so this repeats the check.
 */
async function addTakenAccountNames(
  facts: AzureFacts,
  request: CommonRequest,
  subscription: string | null,
  round = 0,
): Promise<AzureFacts> {
  const names = new Set(
    previewRequest(facts, request).prerequisites.flatMap((prerequisite) =>
      prerequisite.spec.kind === 'storageAccount' && prerequisite.action === 'create'
        ? [prerequisite.name]
        : [],
    ),
  );
  if (subscription === null || names.size === 0 || round === MAX_ROUNDS) return facts;
  const newlyTaken = await findUsedAccountNames(subscription, [...names]);
  return newlyTaken.length === 0
    ? facts
    : addTakenAccountNames(
        { ...facts, usedAccountNames: [...facts.usedAccountNames, ...newlyTaken] },
        request,
        subscription,
        round + 1,
      );
}

interface RequestSubscriptions {
  readonly sourceSubscriptions: readonly string[];
  readonly targetSubscription: string | null;
  /** The id of the requested vault, when its subscription is visible. */
  readonly vaultId: string | null;
  /** The subscription of the vault, when it is not the source or target subscription. */
  readonly extraVaultSubscription: string | null;
  readonly readable: readonly string[];
  /** Any visible subscription: all subscriptions have the same regions. */
  readonly anySubscription: string | null;
}

/**
 * Reads only visible subscriptions in Lifeboat's own tenant. For other subscriptions there are no
 * facts, and the preview reports them to the caller.
 */
function requestSubscriptionsOf(
  request: CommonRequest,
  needed: NeededFacts,
  subscriptions: readonly SubscriptionFacts[],
): RequestSubscriptions {
  const visible = new Set(
    subscriptions
      .filter(({ tenant, enabled }) => tenant === config().LIFEBOAT_TENANT_ID && enabled)
      .map(({ id }) => id.toLowerCase()),
  );
  const ifVisible = (subscription: string | undefined): string | null =>
    subscription !== undefined && visible.has(subscription.toLowerCase()) ? subscription.toLowerCase() : null;
  const sourceSubscriptions = [...new Set(needed.sourceSubscriptions)].flatMap((id) => ifVisible(id) ?? []);
  const targetSubscription = ifVisible(needed.targetSubscription ?? sourceSubscriptions[0]);
  const readable = [
    ...new Set([...sourceSubscriptions, ...(targetSubscription === null ? [] : [targetSubscription])]),
  ];
  const vaultId =
    request.vault || targetSubscription !== null
      ? enablingFor(request.goal).vaultIdOf(request, targetSubscription ?? '')
      : null;
  const vaultSubscription = vaultId === null ? null : ifVisible(subscriptionOf(vaultId));
  return {
    sourceSubscriptions,
    targetSubscription,
    readable,
    vaultId: vaultSubscription === null ? null : vaultId,
    extraVaultSubscription:
      vaultSubscription !== null && !readable.includes(vaultSubscription) ? vaultSubscription : null,
    anySubscription: targetSubscription ?? readable[0] ?? [...visible][0] ?? null,
  };
}

const FACT_LIST_NAMES = [
  'resourceGroups',
  'networks',
  'securityGroups',
  'storageAccounts',
  'availabilitySets',
  'placementGroups',
] as const satisfies (keyof SubscriptionResources)[];
const NO_CLASSIC_FACTS: ClassicFacts = { networks: [], storageAccounts: [], cloudServices: [] };

const mergeFactLists = <T extends Readonly<Record<Kind, readonly unknown[]>>, Kind extends keyof T>(
  factLists: readonly T[],
  names: readonly Kind[],
): Pick<T, Kind> =>
  Object.fromEntries(
    names.map((name) => [name, factLists.flatMap((lists) => lists[name])]),
  ) as unknown as Pick<T, Kind>;

/** Reads the source VMs that the request needs. */
async function readSourceVms(
  { isWanted, isListed, includesClassic }: NeededFacts,
  requestedIds: ReadonlySet<string>,
  subscription: string,
  { storageAccounts }: SubscriptionResources,
): Promise<SourceVm[]> {
  const found = await readVms({
    subscription,
    exactStateIds: requestedIds,
    includesClassic,
    storageAccounts,
    isWanted: (vm) => isWanted(vm, subscription),
  });
  return found.filter(isListed);
}
