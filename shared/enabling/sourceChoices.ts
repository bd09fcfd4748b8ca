// Lists the VMs of a source and the options for a source. The source and options routes call this
// module. It changes nothing.
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import type { AzureFacts, PolicyFacts } from '../azure/facts.ts';
import { roleRefusalsFrom } from '../scenarios/enabling/machineRoles.ts';
import type { ReplicatedItem } from '../siterecovery/item.ts';
import { rejected } from '../core/errors.ts';
import { OFFERED_GOALS, type OfferedGoal } from './rules/request/goal.ts';
import type { OptionsQuery, SourcesQuery } from './sourceQueries.ts';
import { vaultKeyOf } from '../core/ids.ts';
import { listVaultArmIds } from '../replications/refreshVaults.ts';
import { siteRecoveryClientFor } from '../scenarios/adapter.ts';
import { enablingDrivers, enablingFor, PrepareRequest } from '../scenarios/drivers.ts';
import { toReplicas, findReplicasOfMachines } from '../replications/items.ts';
import { collectAll, siteRecoveryClient } from '../azure/clients.ts';
import { withReadFaults } from '../azure/readFaults.ts';
import { readRequestFacts } from './readRequestFacts.ts';
import { toPolicy } from '../replications/vaultFacts.ts';
import type {
  AzureSources,
  Choices,
  ExistingReplication,
  Protectability,
} from '../scenarios/enabling/support.ts';

/** The providers of usable policies. Policies of other scenarios are no option. */
const USABLE_POLICY_PROVIDERS: ReadonlySet<string> = new Set(
  enablingDrivers.flatMap(({ instanceTypes }) => instanceTypes),
);

function azureSourcesFor({ goal }: PrepareRequest): AzureSources {
  const { azureSources } = enablingFor(goal);
  if (!azureSources) throw new Error(`Machines of the kind ${goal.protect} are not in Azure.`);
  return azureSources;
}

/** Throws 422 for a location that does not exist, or is no source or target. */
export function assertLocations(facts: AzureFacts, request: PrepareRequest): void {
  const refusals = enablingFor(request.goal).locationRefusalsOf(facts, request);
  const [first] = refusals;
  if (first)
    throw rejected(
      422,
      first.code,
      `${[...new Set(refusals.map(({ message }) => message))].join(' ')} Nothing was changed.`,
    );
}

/** The VMs of a source, each with the reasons against its protection. */
export async function findSourceVms(query: SourcesQuery): Promise<readonly Protectability[]> {
  const request = PrepareRequest.parse({ source: query, target: { region: query.region } });
  const [facts, items] = await Promise.all([readRequestFacts(request, {}), readItemsOfVaults()]);
  // This query has no target, so only the source can be wrong.
  assertLocations(
    { ...facts, regions: facts.regions.map((region) => ({ ...region, offersSiteRecovery: true })) },
    request,
  );
  const remembered = await findReplicasOfMachines(facts.vms.map(({ id }) => id.toLowerCase()));
  return azureSourcesFor(request).protectabilityOf(
    facts.vms,
    existingReplicationsIn(items),
    roleRefusalsFrom(
      items.flatMap(({ armId, items: vaultItems }) => toReplicas(armId, vaultItems)),
      remembered,
    ),
  );
}

interface VaultItems {
  readonly armId: string;
  readonly items: readonly ReplicatedItem[];
}

/** The items of all vaults that Lifeboat knows. */
async function readItemsOfVaults(): Promise<readonly VaultItems[]> {
  return Promise.all(
    (await listVaultArmIds()).map((armId) =>
      withReadFaults(`the items of ${nameOf(armId)}`, async () => ({
        armId,
        items: await (await siteRecoveryClientFor(armId)).listItems(),
      })),
    ),
  );
}

const existingReplicationsIn = (vaults: readonly VaultItems[]): ReadonlyMap<string, ExistingReplication> =>
  new Map(
    vaults.flatMap(({ armId, items }) =>
      items.map(
        (item) =>
          [
            item.sourceVmId.toLowerCase(),
            { vault: nameOf(armId), itemId: item.armId, protectionState: item.protectionState },
          ] as const,
      ),
    ),
  );

/** The options with the policies of all vaults. */
export type ChoicesWithPolicies = Choices & {
  readonly policies: readonly (PolicyFacts & { readonly vault: string })[];
  readonly goals: readonly OfferedGoal[];
};

/** The options for a source and, if given, a target region. */
export async function findChoices({
  subscription,
  region,
  model,
  'target.subscription': targetSubscription,
  'target.region': targetRegion,
}: OptionsQuery): Promise<ChoicesWithPolicies> {
  const target = {
    region: targetRegion ?? region,
    ...(targetSubscription === undefined ? {} : { subscription: targetSubscription }),
  };
  const request = PrepareRequest.parse({ source: { subscription, region, model }, target });
  const [facts, policies] = await Promise.all([readRequestFacts(request, {}), readPolicies()]);
  assertLocations(facts, request);
  const targetLocation =
    targetRegion === undefined
      ? null
      : { region: targetRegion, subscription: targetSubscription ?? subscription };
  return {
    ...azureSourcesFor(request).choicesFor(facts, { region, subscription, model }, targetLocation),
    policies,
    goals: OFFERED_GOALS,
  };
}

async function readPolicies(): Promise<ChoicesWithPolicies['policies']> {
  const policiesByVault = await Promise.all(
    (await listVaultArmIds()).map((armId) =>
      withReadFaults(`the policies of ${nameOf(armId)}`, async () => {
        const client = await siteRecoveryClient(subscriptionOf(armId));
        const policies = await collectAll(
          client.replicationPolicies.list(nameOf(armId), resourceGroupNameOf(armId)),
        );
        return policies.map((policy) => ({ ...toPolicy(policy), vault: vaultKeyOf(armId) }));
      }),
    ),
  );
  return policiesByVault.flat().filter(({ instanceType }) => USABLE_POLICY_PROVIDERS.has(instanceType));
}
