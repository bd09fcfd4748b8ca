// The resource group that a VM, or a thing it needs, gets on the target side.
import type { ResourceGroupFacts } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { isIn, isOf, key } from '../lookup.ts';
import { groupIdOf, LONGEST, suffixed } from './names.ts';
import { listed, need, refuse, type Notes, type Planned } from '../notes.ts';
import { groupPart } from './prerequisites.ts';

/** Those that may be a target, the target region's own first. */
export function possibleGroups(
  ground: Pick<Ground, 'look' | 'source' | 'target' | 'zoneToZone'>,
): readonly ResourceGroupFacts[] {
  const allowed = [...ground.look.groups.values()].filter(
    (one) => isOf(one, ground.target.subscription) && (ground.zoneToZone || !isIn(one, ground.source.region)),
  );
  const here = (one: ResourceGroupFacts): boolean => isIn(one, ground.target.region);
  return [...allowed.filter(here), ...allowed.filter((one) => !here(one))];
}

const groupNamed = (ground: Ground, name: string): ResourceGroupFacts | undefined =>
  ground.look.groups.get(key(groupIdOf(ground.target.subscription, name)));

/**
 * With `-asr`; where that one is in the source region, as after a command from zone to zone, with
 * the target region too.
 */
function ownName(ground: Ground, sourceGroup: string): string {
  const plain = suffixed(sourceGroup, LONGEST.resourceGroup);
  const there = groupNamed(ground, plain);
  return there && isIn(there, ground.source.region) && !ground.zoneToZone
    ? suffixed(`${sourceGroup}-${ground.target.region}`, LONGEST.resourceGroup)
    : plain;
}

/** The wished one, else the source's name with `-asr`. It may not lie in the region that may be lost. */
export function targetGroup(
  ground: Ground,
  wished: string | undefined,
  sourceGroup: string,
  notes: Notes,
): { readonly part: Planned; readonly why: string } | false {
  const name = wished ?? ownName(ground, sourceGroup);
  const there = groupNamed(ground, name);
  if (there && isIn(there, ground.source.region) && !ground.zoneToZone) {
    return refuse(
      notes,
      'GroupInSourceRegion',
      `The resource group ${there.name} is in the source region ${there.region}, so it cannot ` +
        'be the target. Name a new one, or one of: ' +
        `${listed(possibleGroups(ground).map((one) => one.name))}.`,
    );
  }
  const elsewhere =
    name === suffixed(sourceGroup, LONGEST.resourceGroup)
      ? ''
      : `, and the target region since the one without it is in ${ground.source.region}`;
  const chosen =
    wished === undefined
      ? `By default the source's resource group ${sourceGroup} with the suffix -asr${elsewhere}`
      : 'It was asked for';
  const why = `${chosen}; ${there ? 'it exists and is reused' : 'it is made'}.`;
  return {
    part: need(notes, groupPart(ground, ground.target.subscription, name, ground.target.region)),
    why,
  };
}
