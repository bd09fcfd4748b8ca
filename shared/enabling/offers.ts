// What a source has to offer, and what may be chosen for it.
import { groupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import { choicesFor, type Choices } from './rules/request/choices.ts';
import type { Facts, PolicyFacts } from '../azure/facts.ts';
import { layGround } from './rules/request/scope.ts';
import { PLACE_CODES } from './rules/request/places.ts';
import { protectabilityOf, type Protectability, type Taken } from './rules/request/sources.ts';
import { PrepareWish } from './rules/request/request.ts';
import { rolesAmong } from './rules/roles.ts';
import type { Item } from '../siterecovery/item.ts';
import { rejected } from '../core/errors.ts';
import type { OptionsQuery, SourcesQuery } from './sourceQueries.ts';
import { vaultKeyOf } from '../core/ids.ts';
import { knownVaults } from '../replications/registerVms.ts';
import { siteRecoveryOf } from '../scenarios/adapter.ts';
import { enablingDrivers } from '../scenarios/drivers.ts';
import { replicasAmong, replicasRemembered } from '../replications/items.ts';
import { all, siteRecovery } from '../azure/clients.ts';
import { reading } from '../azure/faults.ts';
import { survey } from './survey.ts';
import { toPolicy } from '../replications/vaultFacts.ts';

/** Policies of other scenarios serve nothing that may be chosen here. */
const OFFERED: ReadonlySet<string> = new Set(enablingDrivers.flatMap(({ instanceTypes }) => instanceTypes));
const OF_PLACES: ReadonlySet<string> = new Set(PLACE_CODES);

function mustBePlaces(facts: Facts, wish: PrepareWish): void {
  const wrong = layGround(facts, wish).notes.refusals.filter(({ code }) => OF_PLACES.has(code));
  const [first] = wrong;
  if (first)
    throw rejected(
      422,
      first.code,
      `${[...new Set(wrong.map(({ message }) => message))].join(' ')} Nothing was changed.`,
    );
}

export async function sourceVms(query: SourcesQuery): Promise<readonly Protectability[]> {
  const wish = PrepareWish.parse({ source: query, target: { region: query.region } });
  const [facts, items] = await Promise.all([survey(wish, {}), itemsOfVaults()]);
  // Where nothing goes, only the source can be wrong.
  mustBePlaces(
    { ...facts, regions: facts.regions.map((region) => ({ ...region, offersSiteRecovery: true })) },
    wish,
  );
  const remembered = await replicasRemembered(facts.vms.map(({ id }) => id.toLowerCase()));
  return protectabilityOf(
    facts.vms,
    takenBy(items),
    rolesAmong(
      items.flatMap(({ armId, its }) => replicasAmong(armId, its)),
      remembered,
    ),
  );
}

interface OfVault {
  readonly armId: string;
  readonly its: readonly Item[];
}

/** Of all vaults that Lifeboat was told of. */
async function itemsOfVaults(): Promise<readonly OfVault[]> {
  return Promise.all(
    (await knownVaults()).map((armId) =>
      reading(`the items of ${nameOf(armId)}`, async () => ({
        armId,
        its: await (await siteRecoveryOf(armId)).items(),
      })),
    ),
  );
}

const takenBy = (vaults: readonly OfVault[]): ReadonlyMap<string, Taken> =>
  new Map(
    vaults.flatMap(({ armId, its }) =>
      its.map(
        (item) =>
          [
            item.sourceVmId.toLowerCase(),
            { vault: nameOf(armId), itemId: item.armId, protectionState: item.protectionState },
          ] as const,
      ),
    ),
  );

export type Offers = Choices & { readonly policies: readonly (PolicyFacts & { readonly vault: string })[] };

export async function choices({
  subscription,
  region,
  model,
  targetSubscription,
  targetRegion,
}: OptionsQuery): Promise<Offers> {
  const target = {
    region: targetRegion ?? region,
    ...(targetSubscription === undefined ? {} : { subscription: targetSubscription }),
  };
  const wish = PrepareWish.parse({ source: { subscription, region, model }, target });
  const [facts, policies] = await Promise.all([survey(wish, {}), policiesTold()]);
  mustBePlaces(facts, wish);
  const to =
    targetRegion === undefined
      ? null
      : { region: targetRegion, subscription: targetSubscription ?? subscription };
  return { ...choicesFor(facts, { region, subscription, model }, to), policies };
}

async function policiesTold(): Promise<Offers['policies']> {
  const found = await Promise.all(
    (await knownVaults()).map((armId) =>
      reading(`the policies of ${nameOf(armId)}`, async () => {
        const client = await siteRecovery(subscriptionOf(armId));
        const policies = await all(client.replicationPolicies.list(nameOf(armId), groupNameOf(armId)));
        return policies.map((policy) => ({ ...toPolicy(policy), vault: vaultKeyOf(armId) }));
      }),
    ),
  );
  return found.flat().filter(({ provider }) => OFFERED.has(provider));
}
