// Collects the prerequisites of all VMs: each prerequisite once, and after its own prerequisites.
// Pure.
import { nameOf } from '../../../../core/armId.ts';
import type { SharedPrerequisites } from './sharedPrerequisites.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { keyOf } from '../../../enabling/lookup.ts';
import type { VmDraft } from '../vm/draftVm.ts';
import { networkMappingPrerequisite } from '../network/chooseNetwork.ts';
import { type PlannedPrerequisite, warn } from '../../../enabling/notes.ts';
import type { Warning } from '../../../../core/warning.ts';
import { prerequisiteStageOf, type Prerequisite } from '../../../../azure/prerequisite.ts';

/** The prerequisites of a preview. */
export interface CollectedPrerequisites {
  readonly prerequisites: readonly Prerequisite[];
  /** The network mapping behind the network choice of a VM, if any. */
  readonly mappingIdsOf: (draft: VmDraft) => readonly string[];
  readonly warnings: readonly Warning[];
}

/** The result for a refused request. */
export const NO_PREREQUISITES: CollectedPrerequisites = {
  prerequisites: [],
  mappingIdsOf: () => [],
  warnings: [],
};

/** Collects the prerequisites of the VMs that the preview will enable. */
export function collectPrerequisites(
  scope: RequestScope,
  shared: SharedPrerequisites,
  drafts: readonly VmDraft[],
  extra: readonly PlannedPrerequisite[],
): CollectedPrerequisites {
  const prerequisites = new Map<string, PlannedPrerequisite>();
  const add = (prerequisite: PlannedPrerequisite): void => {
    if (prerequisites.has(keyOf(prerequisite.id))) return;
    prerequisite.dependsOn.forEach(add);
    prerequisites.set(keyOf(prerequisite.id), prerequisite);
  };
  extra.forEach(add);
  for (const { notes } of drafts) notes.prerequisites.forEach(add);
  if (drafts.length > 0) add(shared.failbackMapping);
  const networkMappings = planNetworkMappings(scope, drafts);
  networkMappings.prerequisites.forEach(add);
  const sizesByPlacementGroup = sizesByPlacementGroupOf(drafts);
  return {
    prerequisites: [...prerequisites.values()]
      .map((prerequisite) => toPrerequisite(prerequisite, sizesByPlacementGroup))
      .sort((first, second) => prerequisiteStageOf(first.spec.kind) - prerequisiteStageOf(second.spec.kind)),
    mappingIdsOf: ({ planned }) =>
      planned?.network.sourceNetworkId
        ? [
            networkMappings.mappingFor(planned.network.sourceNetworkId, planned.network.prerequisite.id),
          ].flatMap((mappingId) => mappingId ?? [])
        : [],
    warnings: networkMappings.warnings,
  };
}

/** The VM sizes of each placement group, because a group in a zone needs the list of its sizes. */
function sizesByPlacementGroupOf(drafts: readonly VmDraft[]): ReadonlyMap<string, ReadonlySet<string>> {
  const sizes = new Map<string, Set<string>>();
  for (const { planned } of drafts) {
    const groupId = planned?.settings.placementGroupId;
    if (!planned || !groupId) continue;
    const groupSizes = sizes.get(keyOf(groupId)) ?? new Set();
    sizes.set(keyOf(groupId), groupSizes.add(planned.size.size.name));
  }
  return sizes;
}

function toPrerequisite(
  { id, name, action, reason, needs, spec }: PlannedPrerequisite,
  sizesByPlacementGroup: ReadonlyMap<string, ReadonlySet<string>>,
): Prerequisite {
  const fullSpec =
    spec.kind === 'placementGroup' && action === 'create' && spec.zone !== null
      ? { ...spec, sizes: [...(sizesByPlacementGroup.get(keyOf(id)) ?? [])].sort() }
      : spec;
  return { id, name, action, reason, needs, spec: fullSpec };
}

/**
 * The first VM of a network decides the mapping of the network, in the order of the request. An
 * existing mapping in the vault stays.
 */
function planNetworkMappings(scope: RequestScope, drafts: readonly VmDraft[]) {
  const { source, target } = scope;
  const forward = new Map<string, PlannedPrerequisite>();
  const back = new Map<string, PlannedPrerequisite>();
  const warnings: Warning[] = [];
  for (const { planned } of drafts) {
    const from = planned?.network.sourceNetworkId ?? null;
    if (!planned || from === null || keyOf(from) === keyOf(planned.network.prerequisite.id)) continue;
    const to = planned.network.prerequisite;
    if (!forward.has(keyOf(from)))
      forward.set(
        keyOf(from),
        networkMappingPrerequisite(
          scope,
          { id: from, region: source.region },
          { id: to.id, region: target.region },
          [to],
        ),
      );
    if (!back.has(keyOf(to.id)))
      back.set(
        keyOf(to.id),
        networkMappingPrerequisite(
          scope,
          { id: to.id, region: target.region },
          { id: from, region: source.region },
          [to],
        ),
      );
    const backSpec = back.get(keyOf(to.id))?.spec;
    if (backSpec?.kind === 'networkMapping' && keyOf(backSpec.recoveryNetworkId) !== keyOf(from)) {
      const message =
        `Several networks replicate to ${to.name}; failback of the VMs from ${nameOf(from)} ` +
        `goes to ${nameOf(backSpec.recoveryNetworkId)}, unless another network is named then.`;
      warn({ warnings }, 'NetworksShareTarget', message);
    }
  }
  const mappingIdFor = (from: string, to: string): string | undefined => {
    const mapping = forward.get(keyOf(from));
    return mapping?.spec.kind === 'networkMapping' && keyOf(mapping.spec.recoveryNetworkId) === keyOf(to)
      ? mapping.id
      : undefined;
  };
  return { prerequisites: [...forward.values(), ...back.values()], mappingFor: mappingIdFor, warnings };
}
