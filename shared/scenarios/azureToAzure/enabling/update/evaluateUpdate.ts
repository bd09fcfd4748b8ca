// Decides about changes of a replicated VM's target settings. Some changes are possible during
// replication; others need to disable it first. Pure.
import { sameId } from '../../../../siterecovery/item.ts';
import type { AzureFacts } from '../../../../azure/facts.ts';
import { createLookup } from '../../../enabling/lookup.ts';
import { refuse } from '../../../enabling/notes.ts';
import { evaluateNetworks } from './updateNetwork.ts';
import { evaluatePlacement } from './updatePlacement.ts';
import { evaluateSize } from './updateSize.ts';
import type { CurrentSettings, UpdateRequest, UpdateVerdict } from '../../../enabling/updateRequest.ts';
import type { UpdateContext } from './updateContext.ts';

/** Evaluates an update of one VM with these facts. */
export function evaluateUpdate(
  facts: AzureFacts,
  current: CurrentSettings,
  request: UpdateRequest,
): UpdateVerdict {
  const context: UpdateContext = {
    lookup: createLookup(facts),
    current,
    request,
    refusals: [],
    changes: {},
  };
  if (current.isClassic) checkClassic(context);
  else {
    evaluatePlacement(context);
    evaluateNetworks(context);
  }
  evaluateSize(context);
  evaluateDisks(context);
  const { refusals, changes } = context;
  if (refusals.length > 0) return { verdict: 'refused', refusals, changes: {} };
  return { verdict: Object.keys(changes).length > 0 ? 'update' : 'alreadySo', refusals, changes };
}

function checkClassic(context: UpdateContext): void {
  const unsupportedField = (
    [
      'resourceGroup',
      'networkId',
      'testNetworkId',
      'nics',
      'availability',
      'availabilitySetId',
      'zone',
      'placementGroupId',
    ] as const
  ).find((field) => context.request[field] !== undefined);
  if (unsupportedField)
    refuse(
      context,
      'ClassicMisfit',
      `"${unsupportedField}" of ${context.current.name} cannot change: it is a VM of the classic model, ` +
        'and only its size can change. Leave it out, or disable replication and enable it again.',
    );
}

function evaluateDisks(context: UpdateContext): void {
  const { current, request } = context;
  const changed = (request.diskTypes ?? []).flatMap((requested) => {
    const disk = current.disks.find(
      ({ id, name }) => sameId(id, requested.disk) || sameId(name, requested.disk),
    );
    if (!disk)
      refuse(
        context,
        'DiskUnknown',
        `No disk "${requested.disk}" of ${current.name} is replicated. The replicated disks are: ${current.disks
          .map(({ name }) => name)
          .sort()
          .join(', ')}.`,
      );
    else if (!disk.managed)
      refuse(
        context,
        'DiskSettingMisfit',
        `The disk ${disk.name} is not managed and has no type of its own: its storage account ` +
          'decides. Leave it out.',
      );
    if (!disk?.managed) return [];
    const { replicaType, targetType } = requested;
    const zoneRedundantType = [replicaType, targetType].find((type) => type?.endsWith('_ZRS'));
    if (
      zoneRedundantType &&
      (context.lookup.regionByName.get(current.target.region)?.zones ?? []).length === 0
    )
      refuse(
        context,
        'DiskTypeNotThere',
        `The region ${current.target.region} has no zones, so there are no disks of the type ` +
          `${zoneRedundantType}. Name Standard_LRS, StandardSSD_LRS or Premium_LRS.`,
      );
    const change = {
      id: disk.id,
      ...(replicaType !== undefined && replicaType !== disk.replicaType && { replicaType }),
      ...(targetType !== undefined && targetType !== disk.targetType && { targetType }),
    };
    return Object.keys(change).length > 1 ? [change] : [];
  });
  if (changed.length > 0) context.changes.disks = changed;
}
