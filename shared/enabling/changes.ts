// Changing how VMs come up while they are replicated: what stays refused until replication is
// disabled, and what goes to Site Recovery.
import { subscriptionOf } from '../core/armId.ts';
import { survey } from './survey.ts';
import type { Facts } from '../azure/facts.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Availability } from '../siterecovery/vmSettings.ts';
import { judgeUpdate } from './rules/update/update.ts';
import type { UpdateWish, Present } from './rules/update/updateCase.ts';
import { PrepareWish } from './rules/request/request.ts';
import { sameId, type Change, type ItemSettings } from '../siterecovery/item.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { opposite } from '../replications/items.ts';
import { findByAddress } from '../replications/registry.ts';

const NOTHING_KNOWN: Facts = {
  tenant: '',
  subscriptions: [],
  regions: [],
  resourceGroups: [],
  vms: [],
  networks: [],
  securityGroups: [],
  storageAccounts: [],
  availabilitySets: [],
  placementGroups: [],
  cloudServices: [],
  sizes: [],
  setLimits: [],
  coming: [],
  quotas: [],
  vault: null,
  generations: {},
  protectedElsewhere: {},
  remembered: [],
  takenAccountNames: [],
};
/** These are plain from how the VM is replicated now, whatever else Azure has. */
const PLAIN: ReadonlySet<string> = new Set(['AvailabilityTypeFixed', 'PlacementGroupStays']);

/** What is refused at the door, before Azure is read. */
export function plainRefusals(vm: ReplicatedVmDocument, wish: UpdateWish): readonly Refusal[] {
  const present = presentOf(vm, NOTHING_KNOWN);
  return present
    ? judgeUpdate(NOTHING_KNOWN, present, wish).refusals.filter(({ code }) => PLAIN.has(code))
    : [];
}

export type ChangeVerdict = { readonly change: Change } | { readonly refusals: readonly Refusal[] };

/** By VM id. Azure is read once for all VMs that replicate alike. */
export async function judgeChanges(
  vms: readonly ReplicatedVmDocument[],
  wish: UpdateWish,
): Promise<ReadonlyMap<string, ChangeVerdict>> {
  const verdicts = new Map<string, ChangeVerdict>();
  for (const alike of Map.groupBy(vms, wayOf).values()) {
    const [first] = alike;
    const facts = first ? await survey(surveyFor(first), {}) : NOTHING_KNOWN;
    const addresses = await addressesMeant(wish);
    for (const vm of alike)
      verdicts.set(
        vm.id,
        judge(
          vm,
          facts,
          wish,
          addresses.filter(({ vmId }) => vmId !== vm.id),
        ),
      );
  }
  return verdicts;
}

interface Meant {
  readonly vmId: string;
  readonly vm: string;
  readonly networkId: string;
  readonly address: string;
}

/** Of all VMs that replicate; asked for only where somebody wishes for an address. */
async function addressesMeant({ nics = [] }: UpdateWish): Promise<readonly Meant[]> {
  const wished = nics.flatMap(({ address }) => address ?? []);
  const vms = wished.length === 0 ? [] : await findByAddress(wished);
  return vms.flatMap(({ id: vmId, name, settings }) =>
    (settings?.nics ?? []).flatMap(({ address }) =>
      address !== null && settings?.networkId
        ? [{ vmId, vm: `${name} (${vmId})`, networkId: settings.networkId, address }]
        : [],
    ),
  );
}

function judge(
  vm: ReplicatedVmDocument,
  facts: Facts,
  wish: UpdateWish,
  addresses: readonly Meant[],
): ChangeVerdict {
  const known = presentOf(vm, facts);
  const present = known && { ...known, addresses };
  if (!present)
    return {
      refusals: [
        {
          code: 'NotLookedAtYet',
          message:
            'Lifeboat has not looked yet at how it is replicated; within a minute it has. Send the ' +
            'command again then.',
        },
      ],
    };
  const {
    refusals,
    changes: { zone, ...change },
  } = judgeUpdate(facts, present, wish);
  if (refusals.length > 0) return { refusals };
  if (zone === undefined) return { change };
  return {
    refusals: [
      {
        code: 'ZoneStays',
        message:
          'Site Recovery has no way to change the zone of a VM that it replicates (it is ' +
          `${present.availability.type === 'zone' ? present.availability.zone : 'in none'}). ` +
          `Disable replication and enable it again with zone ${zone}.`,
      },
    ],
  };
}

const wayOf = (vm: ReplicatedVmDocument): string =>
  JSON.stringify([vm.vaultArmId, vm.direction, vm.sites, subscriptionOf(vm.sourceVmId)]);

const sidesOf = (vm: ReplicatedVmDocument) => ({
  from: vm.sites[vm.direction],
  to: vm.sites[opposite(vm.direction)],
});

function surveyFor(vm: ReplicatedVmDocument): PrepareWish {
  const { from, to } = sidesOf(vm);
  return PrepareWish.parse({
    vault: { id: vm.vaultArmId },
    source: { region: from.region, subscription: subscriptionOf(vm.sourceVmId) },
    target: { region: to.region, subscription: subscriptionOf(to.resourceGroupId) },
  });
}

/** Undefined while the registry does not know its settings. */
function presentOf(vm: ReplicatedVmDocument, facts: Facts): Present | undefined {
  const { settings } = vm;
  if (!settings) return undefined;
  const { from, to } = sidesOf(vm);
  const source = facts.vms.find(({ id }) => sameId(id, vm.sourceVmId));
  const osDisk = source?.disks.find((disk) => disk.isOs)?.id ?? '';
  return {
    name: vm.name,
    source: { region: from.region, zone: settings.sourceZone },
    target: { region: to.region, subscription: subscriptionOf(to.resourceGroupId) },
    generation: source?.generation ?? null,
    size: settings.size ?? source?.size ?? '',
    resourceGroupId: settings.resourceGroupId,
    classic: settings.cloudServiceId !== undefined,
    networkId: settings.networkId,
    testNetworkId: settings.testNetworkId,
    availability: availabilityOf(settings),
    placementGroupId: settings.placementGroupId,
    nics: settings.nics.map(({ id, subnet, address }) => ({ id, subnet: subnet ?? '', address })),
    disks: settings.disks.map((disk) => ({ ...disk, isOs: sameId(disk.id, osDisk) })),
  };
}

function availabilityOf({ availabilitySetId, zone }: ItemSettings): Availability {
  if (availabilitySetId) return { type: 'set', setId: availabilitySetId };
  return zone ? { type: 'zone', zone } : { type: 'single' };
}
