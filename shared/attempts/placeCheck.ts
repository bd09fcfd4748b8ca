// Checks whether a reprotect uses the requested place. Only the place that Site Recovery shows counts.
import { nameOf, resourceGroupNameOf } from '../core/armId.ts';
import type { Warning } from '../core/warning.ts';
import type { StepDocument } from '../journal/documents.ts';
import { readJob } from '../journal/job.ts';
import { sameId, type ReplicatedItem } from '../siterecovery/item.ts';
import { requestedPlaceOf } from './reprotectTarget.ts';
import { otherPlaceWarning } from './stepFaults.ts';

/** Returns a warning for each part of the requested place that Site Recovery does not show. */
export async function findPlaceWarnings(
  step: StepDocument,
  item: ReplicatedItem | undefined,
): Promise<readonly Warning[]> {
  if (step.phase !== 'reprotect' || !item) return [];
  const job = await readJob(step.jobId);
  if (!job) return [];
  const { resourceGroup, placementGroupId } = requestedPlaceOf(job.command);
  const { resourceGroupId, placementGroupId: shownId } = item.settings;
  const shownGroup = resourceGroupNameOf(resourceGroupId);
  const shownText = shownId === null ? 'no placement group' : `the placement group ${nameOf(shownId)}`;
  return [
    ...(resourceGroup === undefined || sameId(resourceGroup, shownGroup)
      ? []
      : [otherPlaceWarning(step, resourceGroup, `the resource group ${shownGroup}`)]),
    ...(placementGroupId === undefined || sameId(placementGroupId ?? '', shownId ?? '')
      ? []
      : [otherPlaceWarning(step, placementGroupId ?? 'none', shownText)]),
  ];
}
