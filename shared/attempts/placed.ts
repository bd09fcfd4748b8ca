// Where a VM truly came up, when Azure found no room for it where it was to be: a failover does not
// fail for that.
import type { Warning } from '../core/warning.ts';
import { nameOf } from '../core/armId.ts';
import { sourceVmPlacement } from '../azure/placement.ts';
import type { Item } from '../siterecovery/item.ts';
import type { StepDocument } from '../journal/documents.ts';

/** Azure's own code. */
const OVERCONSTRAINED = 'OverconstrainedAllocationRequest';

/** The step's warnings, that about missing room in words that say what the VM is outside of. */
export async function warningsSeen(
  { warnings, targetName }: StepDocument,
  item: Item | undefined,
): Promise<readonly Warning[]> {
  if (!item?.recoveryVmId || !warnings.some(isAboutRoom)) return warnings;
  const { placementGroupId, availabilitySetId } = item.settings;
  // It is up all the same: that Azure does not show where keeps nobody waiting, and Azure's own words stand.
  const now = await sourceVmPlacement(item.recoveryVmId).catch(() => null);
  if (!now) return warnings;
  const outside = [
    ...(placementGroupId && !now.placementGroupId
      ? [`the proximity placement group ${nameOf(placementGroupId)}`]
      : []),
    ...(availabilitySetId && !now.availabilitySetId
      ? [`the availability set ${nameOf(availabilitySetId)}`]
      : []),
  ];
  if (outside.length === 0) return warnings;
  return warnings.map((warning) =>
    isAboutRoom(warning)
      ? {
          code: warning.code,
          message:
            `${targetName} is up, outside of ${outside.join(' and ')}, because ` +
            'Azure had no room for it there. It was left as it is. To bring it in, deallocate it and ' +
            'give it its placement group once there is room; a set can be given only to a VM that is ' +
            `made anew. Azure said: ${warning.message}`,
        }
      : warning,
  );
}

const isAboutRoom = ({ code }: Warning): boolean => code === OVERCONSTRAINED;
