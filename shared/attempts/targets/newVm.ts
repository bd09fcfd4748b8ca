// A VM that is to be replicated: its item has a name that follows from the VM alone, so whoever
// enables it finds what is there.
import { vaultOf } from '../../core/armId.ts';
import { ENABLING_FAILED, type Item } from '../../siterecovery/item.ts';
import type { Stored } from '../../store/cosmos.ts';
import type { StepDocument } from '../../journal/documents.ts';
import { siteRecoveryOf } from '../../scenarios/adapter.ts';
import { enabledNoMore, enableStopped, nothingToUpdate } from '../faults.ts';
import { rememberNewItem } from '../../replications/items.ts';
import type { SiteRecovery } from '../../siterecovery/port.ts';
import { performing, ruleFor } from '../../scenarios/drivers.ts';
import type { View } from '../../siterecovery/view.ts';
import type { Holder, Sight, Target } from './target.ts';

export const newVm: Target = { startsJob: true, look };

async function look(step: Stored<StepDocument>, holder: Holder, now: Date, view?: View): Promise<Sight> {
  if (step.work.kind !== 'newVm') throw new Error(`Step ${step.id} does not say what is to be replicated.`);
  const { preview } = step.work;
  const siteRecovery = await siteRecoveryOf(vaultOf(preview.itemId));
  const item = view
    ? (await view.items()).get(preview.itemId.toLowerCase())
    : await siteRecovery.item(preview.itemId);
  const ids = { armIdBefore: preview.itemId, armIdAfter: preview.itemId };
  if (step.phase === 'updateReplication') return configure(siteRecovery, step, item);
  if (item) return judge(step, holder, item, now);
  const { settings, vmId: sourceVmId } = preview;
  if (!settings) return { kind: 'refused', fault: enabledNoMore(step) };
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
    send: (clientRequestId, deadline) => siteRecovery.send(request, clientRequestId, deadline),
  };
}

/** Somebody, another command or the portal, has enabled it under this very name. */
function judge(step: Stored<StepDocument>, holder: Holder, item: Item, now: Date): Sight {
  const ids = { armIdBefore: item.armId, armIdAfter: item.armId };
  const rule = ruleFor(step.scenario, 'enableReplication');
  if (item.protectionState === ENABLING_FAILED) return { kind: 'refused', fault: enableStopped(item) };
  if (!rule.underway(item, item.direction))
    return {
      kind: 'alreadySo',
      ...ids,
      remember: async () => (await rememberNewItem(holder, step, item, now)) !== undefined,
    };
  return {
    kind: 'follow',
    ...ids,
    armJobId: item.currentJob?.scenario === rule.jobScenario ? item.currentJob.id : null,
  };
}

/**
 * What could not be said while enabling: the size, when it is not the source's own, and the subnet
 * of each interface, when there are several.
 */
function configure(siteRecovery: SiteRecovery, step: Stored<StepDocument>, item: Item | undefined): Sight {
  const settings = step.work.kind === 'newVm' ? step.work.preview.settings : null;
  if (!item || !settings) return { kind: 'refused', fault: nothingToUpdate(step) };
  const ids = { armIdBefore: item.armId, armIdAfter: item.armId };
  if (item.allowedOperations.length === 0)
    return { kind: 'wait', waitsFor: 'Site Recovery, which is busy with the VM' };
  const change = performing(step.scenario).stillToChange(settings, item);
  if (Object.keys(change).length === 0)
    return { kind: 'alreadySo', ...ids, remember: () => Promise.resolve(true) };
  return {
    kind: 'start',
    ...ids,
    send: (clientRequestId, deadline) =>
      siteRecovery.send({ operation: 'updateReplication', item, change }, clientRequestId, deadline),
  };
}
