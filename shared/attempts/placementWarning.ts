// Explains where a VM runs if Azure had no capacity at the requested placement. A failover does not
// fail for that reason, so the step only gets a warning.
import type { Warning } from '../core/warning.ts';
import { nameOf } from '../core/armId.ts';
import { readVmPlacement } from '../azure/vmPlacement.ts';
import type { ReplicatedItem } from '../siterecovery/item.ts';
import type { StepDocument } from '../journal/documents.ts';

/** The error code of Azure for missing capacity. */
const OVERCONSTRAINED = 'OverconstrainedAllocationRequest';

/**
 * Returns the warnings of the step. The warning about missing capacity names the missed placement.
 */
export async function explainPlacementWarnings(
  { warnings, targetName }: StepDocument,
  item: ReplicatedItem | undefined,
): Promise<readonly Warning[]> {
  if (!item?.recoveryVmId || !warnings.some(isAllocationFailure)) return warnings;
  const { placementGroupId, availabilitySetId } = item.settings;
  // The VM runs in any case. If Azure does not show the placement, the warning keeps the text of
  // Azure and nobody waits.
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
            'Azure had no capacity for it there. It was left as it is. To move it in, deallocate the VM ' +
            'and assign its placement group once Azure has capacity; only a new VM can get an availability ' +
            `set. Azure said: ${warning.message}`,
        }
      : warning,
  );
}

const isAllocationFailure = ({ code }: Warning): boolean => code === OVERCONSTRAINED;
