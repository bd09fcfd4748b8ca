// Decides how an update command changes the target settings of replicated VMs. Site Recovery
// refuses some changes until replication ends. The preview of a change, job acceptance and the
// planning of steps call this module, so all three decide by the same rules.
import { subscriptionOf } from '../core/armId.ts';
import { readRequestFacts } from './readRequestFacts.ts';
import type { AzureFacts } from '../azure/facts.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Availability } from '../siterecovery/vmSettings.ts';
import { sameId, type ReplicationChange, type ItemSettings } from '../siterecovery/item.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { oppositeDirection } from '../replications/items.ts';
import { findByAddress } from '../replications/registry.ts';
import type { CurrentSettings, UpdateRequest, UpdateVerdict } from '../scenarios/enabling/updateRequest.ts';
import { settingChangesOf, type SettingChange } from './rules/settingChanges.ts';
import { requireCapabilities } from '../scenarios/drivers.ts';
import type { CommonRequest } from '../scenarios/enabling/support.ts';

const enablingOf = ({ scenario }: ReplicatedVmDocument) => requireCapabilities(scenario).enabling;

/** The verdict about the change of one VM. */
export interface ChangeVerdict {
  readonly verdict: UpdateVerdict['verdict'];
  readonly refusals: readonly Refusal[];
  /** Empty when the change is refused. */
  readonly change: ReplicationChange;
  /** The same change for people: each setting with its present and its new value. */
  readonly changes: readonly SettingChange[];
}

const refusedVerdict = (...refusals: readonly Refusal[]): ChangeVerdict => ({
  verdict: 'refused',
  refusals,
  change: {},
  changes: [],
});

/** The verdict by VM id. Reads Azure once for all VMs with the same source and target. */
export async function evaluateChanges(
  vms: readonly ReplicatedVmDocument[],
  request: UpdateRequest,
): Promise<ReadonlyMap<string, ChangeVerdict>> {
  const verdicts = new Map<string, ChangeVerdict>();
  for (const similarVms of Map.groupBy(vms, replicationPathOf).values()) {
    const [first] = similarVms;
    if (!first) continue;
    const facts = await readRequestFacts(factsRequestFor(first), {});
    const addresses = await findConfiguredAddresses(request);
    for (const vm of similarVms)
      verdicts.set(
        vm.id,
        evaluateChange(
          vm,
          facts,
          request,
          addresses.filter(({ vmId }) => vmId !== vm.id),
        ),
      );
  }
  return verdicts;
}

/** The refusals of all VMs. Each message names its VM. */
export const changeRefusalsOf = (
  vms: readonly Pick<ReplicatedVmDocument, 'id' | 'name'>[],
  verdicts: ReadonlyMap<string, ChangeVerdict>,
): readonly (Refusal & { readonly vm: string; readonly name: string })[] =>
  vms.flatMap(({ id, name }) =>
    (verdicts.get(id)?.refusals ?? []).map(({ code, message }) => ({
      vm: id,
      name,
      code,
      message: message.includes(name) ? message : `${name}: ${message}`,
    })),
  );

interface ConfiguredAddress {
  readonly vmId: string;
  readonly vm: string;
  readonly networkId: string;
  readonly address: string;
}

/**
 * The configured addresses of all replicated VMs. Reads nothing when the request names no address.
 */
async function findConfiguredAddresses({ nics = [] }: UpdateRequest): Promise<readonly ConfiguredAddress[]> {
  const requestedAddresses = nics.flatMap(({ address }) => address ?? []);
  const vms = requestedAddresses.length === 0 ? [] : await findByAddress(requestedAddresses);
  return vms.flatMap(({ id: vmId, name, settings }) =>
    (settings?.nics ?? []).flatMap(({ address }) =>
      address !== null && settings?.networkId
        ? [{ vmId, vm: `${name} (${vmId})`, networkId: settings.networkId, address }]
        : [],
    ),
  );
}

function evaluateChange(
  vm: ReplicatedVmDocument,
  facts: AzureFacts,
  request: UpdateRequest,
  addresses: readonly ConfiguredAddress[],
): ChangeVerdict {
  const settings = currentSettingsOf(vm, facts);
  if (!settings)
    return refusedVerdict({
      code: 'NotReadYet',
      message:
        'Lifeboat has not read its replication settings yet; that takes up to a minute. Send the ' +
        'command again after that.',
    });
  const current = { ...settings, addresses };
  const { verdict, refusals, changes } = enablingOf(vm).evaluateUpdate(facts, current, request);
  if (refusals.length > 0) return refusedVerdict(...refusals);
  const { zone, ...change } = changes;
  if (zone === undefined) return { verdict, refusals, change, changes: settingChangesOf(current, change) };
  return refusedVerdict({
    code: 'ZoneStays',
    message:
      'Site Recovery has no way to change the zone of a VM that it replicates (it is ' +
      `${current.availability.type === 'zone' ? current.availability.zone : 'in none'}). ` +
      `Disable replication and enable it again with zone ${zone}.`,
  });
}

const replicationPathOf = (vm: ReplicatedVmDocument): string =>
  JSON.stringify([vm.vaultArmId, vm.direction, vm.sites, subscriptionOf(vm.sourceVmId)]);

const sourceAndTargetOf = (vm: ReplicatedVmDocument) => ({
  from: vm.sites[vm.direction],
  to: vm.sites[oppositeDirection(vm.direction)],
});

function factsRequestFor(vm: ReplicatedVmDocument): CommonRequest {
  const { from, to } = sourceAndTargetOf(vm);
  return enablingOf(vm).requestOfReplicated({
    vaultArmId: vm.vaultArmId,
    from: { region: from.region, subscription: subscriptionOf(vm.sourceVmId) },
    to: { region: to.region, subscription: subscriptionOf(to.resourceGroupId) },
    sourceVmIds: [],
    itemIds: [],
  });
}

/** Undefined while the registry has no settings of the VM. */
function currentSettingsOf(vm: ReplicatedVmDocument, facts: AzureFacts): CurrentSettings | undefined {
  const { settings } = vm;
  if (!settings) return undefined;
  const { from, to } = sourceAndTargetOf(vm);
  const source = facts.vms.find(({ id }) => sameId(id, vm.sourceVmId));
  const osDisk = source?.disks.find((disk) => disk.isOs)?.id ?? '';
  return {
    name: vm.name,
    source: { region: from.region, zone: settings.sourceZone },
    target: { region: to.region, subscription: subscriptionOf(to.resourceGroupId) },
    generation: source?.generation ?? null,
    size: settings.size ?? source?.size ?? '',
    resourceGroupId: settings.resourceGroupId,
    isClassic: settings.cloudServiceId !== undefined,
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
