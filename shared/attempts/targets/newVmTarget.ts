// A VM that Lifeboat must start to replicate. The name of its item depends on the VM alone, so
// every later attempt finds an existing item.
import { vaultOf } from '../../core/armId.ts';
import { ENABLING_FAILED, type ReplicatedItem } from '../../siterecovery/item.ts';
import type { WithEtag } from '../../store/cosmos.ts';
import type { StepDocument } from '../../journal/documents.ts';
import { siteRecoveryClientFor } from '../../scenarios/adapter.ts';
import { noLongerReplicated, enablingFailedBefore, nothingToUpdate } from '../stepFaults.ts';
import { addNewItem } from '../../replications/items.ts';
import type { SiteRecovery } from '../../siterecovery/siteRecovery.ts';
import { requireCapabilities, ruleFor } from '../../scenarios/drivers.ts';
import type { VaultSnapshot } from '../../siterecovery/vaultSnapshot.ts';
import type { StepStarter, StartDecision, Target } from './target.ts';

/** The target of a `newVm` step. */
export const newVmTarget: Target = { startsJob: true, inspect };

async function inspect(
  step: WithEtag<StepDocument>,
  owner: StepStarter,
  now: Date,
  view?: VaultSnapshot,
): Promise<StartDecision> {
  if (step.work.kind !== 'newVm') throw new Error(`Step ${step.id} does not name a VM to replicate.`);
  const { preview } = step.work;
  const siteRecovery = await siteRecoveryClientFor(vaultOf(preview.itemId));
  const item = view
    ? (await view.items()).get(preview.itemId.toLowerCase())
    : await siteRecovery.readItem(preview.itemId);
  const ids = { armIdBefore: preview.itemId, armIdAfter: preview.itemId };
  if (step.phase === 'updateReplication') return decideUpdate(siteRecovery, step, item);
  if (item) return decideForExisting(step, owner, item, now);
  const { settings, vmId: sourceVmId } = preview;
  if (!settings) return { kind: 'refused', fault: noLongerReplicated(step) };
  const request = {
    operation: 'enableReplication',
    scenario: step.scenario,
    itemId: preview.itemId,
    sourceVmId,
    settings,
  } as const;
  return {
    kind: 'start',
    ...ids,
    send: (clientRequestId, deadline) => siteRecovery.sendWrite(request, clientRequestId, deadline),
  };
}

/** Another command or the portal has already enabled the VM under this name. */
function decideForExisting(
  step: WithEtag<StepDocument>,
  owner: StepStarter,
  item: ReplicatedItem,
  now: Date,
): StartDecision {
  const ids = { armIdBefore: item.armId, armIdAfter: item.armId };
  const rule = ruleFor(step.scenario, 'enableReplication');
  if (item.protectionState === ENABLING_FAILED) return { kind: 'refused', fault: enablingFailedBefore(item) };
  if (!rule.isUnderway(item, item.direction))
    return {
      kind: 'alreadySo',
      ...ids,
      updateRegistry: async () => (await addNewItem(owner, step, item, now)) !== undefined,
    };
  return {
    kind: 'follow',
    ...ids,
    armJobId: item.currentJob && rule.jobNames.includes(item.currentJob.scenario) ? item.currentJob.id : null,
  };
}

/**
 * Writes the settings that the enabling request cannot carry. These are a size other than the size
 * of the source, and a subnet for each of several interfaces.
 */
function decideUpdate(
  siteRecovery: SiteRecovery,
  step: WithEtag<StepDocument>,
  item: ReplicatedItem | undefined,
): StartDecision {
  const settings = step.work.kind === 'newVm' ? step.work.preview.settings : null;
  if (!item || !settings) return { kind: 'refused', fault: nothingToUpdate(step) };
  const ids = { armIdBefore: item.armId, armIdAfter: item.armId };
  if (item.allowedOperations.length === 0)
    return { kind: 'wait', waitsFor: 'Site Recovery, which is busy with the VM' };
  const change = requireCapabilities(step.scenario).changesAfterEnabling(settings, item);
  if (Object.keys(change).length === 0)
    return { kind: 'alreadySo', ...ids, updateRegistry: () => Promise.resolve(true) };
  return {
    kind: 'start',
    ...ids,
    send: (clientRequestId, deadline) =>
      siteRecovery.sendWrite({ operation: 'updateReplication', item, change }, clientRequestId, deadline),
  };
}
