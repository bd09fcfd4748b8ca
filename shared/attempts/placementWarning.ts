// Where a VM truly came up, when Azure found no room for it where it was to be: a failover does not
// fail for that.
import type { Warning } from '../core/warning.ts';
import { nameOf } from '../core/armId.ts';
import { readVmPlacement } from '../azure/vmPlacement.ts';
import type { ReplicatedItem } from '../siterecovery/item.ts';
import type { StepDocument } from '../journal/documents.ts';

/** Azure's own code. */
const OVERCONSTRAINED = 'OverconstrainedAllocationRequest';

/** The step's warnings, that about missing room in words that say what the VM is outside of. */
export async function explainPlacementWarnings(
  { warnings, targetName }: StepDocument,
  item: ReplicatedItem | undefined,
): Promise<readonly Warning[]> {
  if (!item?.recoveryVmId || !warnings.some(isAllocationFailure)) return warnings;
  const { placementGroupId, availabilitySetId } = item.settings;
  // It is up all the same: that Azure does not show where keeps nobody waiting, and Azure's own words stand.
  const placement = await readVmPlacement(item.recoveryVmId).catch(() => null);
  if (!placement) return warnings;
  const missedPlacements = [
    ...(placementGroupId && !placement.placementGroupId
      ? [`the proximity placement group ${nameOf(placementGroupId)}`]
      : []),
    ...(availabilitySetId && !placement.availabilitySetId
      ? [`the availability set ${nameOf(availabilitySetId)}`]
      : []),
  ];
  if (missedPlacements.length === 0) return warnings;
  return warnings.map((warning) =>
    isAllocationFailure(warning)
      ? {
          code: warning.code,
          message:
            `${targetName} is up, outside of ${missedPlacements.join(' and ')}, because ` +
            'Azure had no room for it there. It was left as it is. To bring it in, deallocate it and ' +
            'give it its placement group once there is room; a set can be given only to a VM that is ' +
            `made anew. Azure said: ${warning.message}`,
        }
      : warning,
  );
}

const isAllocationFailure = ({ code }: Warning): boolean => code === OVERCONSTRAINED;
