// A VM that found no room near its neighbours comes up all the same, elsewhere. Its failover has succeeded, and yet is not what was wished: so it is told.
import { sameId, type ArmJobError, type ItemSettings } from '../item.ts';

/** Azure's word for: there is no room under these constraints. */
const OVERCONSTRAINED = 'OverconstrainedAllocationRequest';

export interface CameUp {
  readonly placementGroupId: string | null;
  readonly availabilitySetId: string | null;
}

/**
 * What the step of a VM says as its exception; null when it stands where it was to stand. `cameUp`: as Azure shows the machine; null when it was not read,
 * and then the job's own error is all that is known.
 */
export function placementTold(wished: Pick<ItemSettings, 'placementGroupId' | 'availabilitySetId'>, errors: readonly Pick<ArmJobError, 'code'>[], cameUp: CameUp | null): string | null {
  const { placementGroupId: group, availabilitySetId: set } = wished;
  if (group === null) return null;
  const noRoom = errors.some(({ code }) => code === OVERCONSTRAINED);
  const outside = (wanted: string, now: string | null | undefined): boolean => now === null || (now !== undefined && !sameId(now, wanted));
  if (!(cameUp ? outside(group, cameUp.placementGroupId) : noRoom)) return null;
  const why = noRoom ? `Azure had no room there (${OVERCONSTRAINED})` : 'Azure did not say why';
  const without = set !== null && outside(set, cameUp?.availabilitySetId) ? ` and outside its availability set ${last(set)}, which is pinned to that group` : '';
  const unread = cameUp === null && set !== null ? ` Whether it left its availability set ${last(set)} too was not seen.` : '';
  return `The VM came up outside its proximity placement group ${last(group)}${without}: ${why}. It runs; its neighbours may be farther away than wished.${unread} To move it, stop it and set the group when there is room.`;
}

const last = (armId: string): string => armId.split('/').at(-1) ?? armId;
