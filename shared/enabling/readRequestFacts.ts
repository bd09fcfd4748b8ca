// Reads all facts of Azure about one request. It reads lists, so the number of reads does not grow
// with the number of machines. It writes nothing.
import { resourceGroupNameOf, subscriptionOf, isClassicId } from '../core/armId.ts';
import { config } from '../core/config.ts';
import { DeploymentModel, type AzureFacts, type SourceVm, type SubscriptionFacts } from '../azure/facts.ts';
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
import { enablingFor, type PrepareRequest } from '../scenarios/drivers.ts';

/** Reads the facts of Azure that a preview of the request needs. */
export function readRequestFacts(
  request: PrepareRequest,
  generations: Readonly<Record<string, number>>,
): Promise<AzureFacts> {
  return withReadFaults('the facts of this request', async () => {
    const subscriptions = await readSubscriptions();
    const requestSubscriptions = requestSubscriptionsOf(request, subscriptions);
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
    const classic = isClassicRequest(request);
    const { networks, storageAccounts, cloudServices } = classic
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
    const vms = (
      await Promise.all(
        requestSubscriptions.sourceSubscriptions.map((subscription) =>
          readSourceVms(request, subscription, resourceFacts),
        ),
      )
    ).flat();
    const otherRegions = [
      ...new Set([...(request.source ? [request.source.region] : []), ...vms.map((vm) => vm.region)]),
    ].filter((name) => name !== region && isRegion(name));
    const otherOffers =
      target === null ? [] : await Promise.all(otherRegions.map((name) => readRegionOffers(target, name)));
    return addTakenAccountNames(
      {
        tenant: config().LIFEBOAT_TENANT_ID,
        subscriptions,
        regions,
        ...resourceFacts,
        resourceGroups: [...resourceFacts.resourceGroups, ...vaultGroups],
        cloudServices,
        vms,
        sizes: [...offers.sizes, ...otherOffers.flatMap(({ sizes }) => sizes)],
        setLimits: offers.setLimits,
        incomingVms: [],
        quotas,
        vault,
        enableCounts: generations,
        otherVaultNames: {},
        registeredVms: [],
        confirmations: [],
        usedAccountNames: [],
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
  request: PrepareRequest,
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
  request: PrepareRequest,
  subscriptions: readonly SubscriptionFacts[],
): RequestSubscriptions {
  const { source, vms, target } = request;
  const visible = new Set(
    subscriptions
      .filter(({ tenant, enabled }) => tenant === config().LIFEBOAT_TENANT_ID && enabled)
      .map(({ id }) => id.toLowerCase()),
  );
  const ifVisible = (subscription: string | undefined): string | null =>
    subscription !== undefined && visible.has(subscription.toLowerCase()) ? subscription.toLowerCase() : null;
  const sourceSubscriptions = [
    ...new Set([...(source ? [source.subscription] : []), ...vms.map(subscriptionOf)]),
  ].flatMap((id) => ifVisible(id) ?? []);
  const targetSubscription = ifVisible(target.subscription ?? sourceSubscriptions[0]);
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

const isClassicRequest = ({ source, vms }: PrepareRequest): boolean =>
  source ? source.model === DeploymentModel.classic : vms.some(isClassicId);

/**
 * Reads the requested machines, and the machines of the requested source. Without a source: all
 * machines in the resource groups of the requested machines.
 */
async function readSourceVms(
  request: PrepareRequest,
  subscription: string,
  { storageAccounts }: SubscriptionResources,
): Promise<SourceVm[]> {
  const { source, vms } = request;
  const requestedIds = new Set(vms.map((id) => id.toLowerCase()));
  const groups = new Set([...requestedIds].map((id) => resourceGroupNameOf(id)));
  const isInSource = (vm: { readonly region: string; readonly resourceGroup: string }): boolean =>
    source
      ? source.subscription.toLowerCase() === subscription &&
        vm.region === source.region &&
        (source.resourceGroup === undefined ||
          source.resourceGroup.toLowerCase() === vm.resourceGroup.toLowerCase())
      : groups.has(vm.resourceGroup.toLowerCase());
  const found = await readVms({
    subscription,
    exactStateIds: requestedIds,
    includesClassic: isClassicRequest(request),
    storageAccounts,
    isWanted: (vm) => requestedIds.has(vm.id.toLowerCase()) || isInSource(vm),
  });
  return found.filter(
    (vm) =>
      requestedIds.has(vm.id.toLowerCase()) ||
      !source ||
      (vm.model === source.model &&
        (source.cloudService === undefined ||
          vm.cloudService?.toLowerCase() === source.cloudService.toLowerCase())),
  );
}
