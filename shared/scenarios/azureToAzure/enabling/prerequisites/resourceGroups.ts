// Chooses the target resource group for a VM or for one of its prerequisites. Pure.
import type { ResourceGroupFacts } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { isInRegion, isInSubscription, keyOf } from '../../../enabling/lookup.ts';
import { resourceGroupIdOf, MAX_NAME_LENGTHS, withAsrSuffix } from '../../../enabling/resourceNames.ts';
import {
  formatList,
  addPrerequisite,
  refuse,
  type Notes,
  type PlannedPrerequisite,
} from '../../../enabling/notes.ts';
import { resourceGroupPrerequisite } from './prerequisites.ts';

/** The possible target groups; groups in the target region come first. */
export function possibleResourceGroups(
  scope: Pick<RequestScope, 'lookup' | 'source' | 'target' | 'zoneToZone'>,
): readonly ResourceGroupFacts[] {
  const allowed = [...scope.lookup.resourceGroups.values()].filter(
    (resourceGroup) =>
      isInSubscription(resourceGroup, scope.target.subscription) &&
      (scope.zoneToZone || !isInRegion(resourceGroup, scope.source.region)),
  );
  const isInTargetRegion = (resourceGroup: ResourceGroupFacts): boolean =>
    isInRegion(resourceGroup, scope.target.region);
  return [
    ...allowed.filter(isInTargetRegion),
    ...allowed.filter((resourceGroup) => !isInTargetRegion(resourceGroup)),
  ];
}

const findTargetGroup = (scope: RequestScope, name: string): ResourceGroupFacts | undefined =>
  scope.lookup.resourceGroups.get(keyOf(resourceGroupIdOf(scope.target.subscription, name)));

/**
 * The source name with `-asr`. When that group is in the source region, the name also gets the
 * target region. This can happen after a zone to zone command.
 */
function defaultGroupName(scope: RequestScope, sourceGroup: string): string {
  const defaultName = withAsrSuffix(sourceGroup, MAX_NAME_LENGTHS.resourceGroup);
  const existing = findTargetGroup(scope, defaultName);
  return existing && isInRegion(existing, scope.source.region) && !scope.zoneToZone
    ? withAsrSuffix(`${sourceGroup}-${scope.target.region}`, MAX_NAME_LENGTHS.resourceGroup)
    : defaultName;
}

/**
 * The requested group, or else the source name with `-asr`. The group may not be in the source
 * region, because that region may be lost.
 */
export function targetResourceGroup(
  scope: RequestScope,
  requested: string | undefined,
  sourceGroup: string,
  notes: Notes,
): { readonly prerequisite: PlannedPrerequisite; readonly reason: string } | false {
  const name = requested ?? defaultGroupName(scope, sourceGroup);
  const existing = findTargetGroup(scope, name);
  if (existing && isInRegion(existing, scope.source.region) && !scope.zoneToZone) {
    return refuse(
      notes,
      'GroupInSourceRegion',
      `The resource group ${existing.name} is in the source region ${existing.region}, so it cannot ` +
        'be the target. Name a new one, or one of: ' +
        `${formatList(possibleResourceGroups(scope).map((resourceGroup) => resourceGroup.name))}.`,
    );
  }
  const regionNote =
    name === withAsrSuffix(sourceGroup, MAX_NAME_LENGTHS.resourceGroup)
      ? ''
      : `, and the target region since the one without it is in ${scope.source.region}`;
  const origin =
    requested === undefined
      ? `By default the source's resource group ${sourceGroup} with the suffix -asr${regionNote}`
      : 'It was asked for';
  const why = `${origin}; ${existing ? 'it exists and is reused' : 'it is made'}.`;
  return {
    prerequisite: addPrerequisite(
      notes,
      resourceGroupPrerequisite(scope, scope.target.subscription, name, scope.target.region),
    ),
    reason: why,
  };
}
