// A replicated VM: what its item allows decides.
import { judgeItem } from '../../domain/attempt.ts';
import type { Item } from '../../domain/item.ts';
import { isPreparing } from '../../domain/words.ts';
import type { Stored } from '../../store/cosmos.ts';
import type { JobDocument, ReplicatedVmDocument, StepDocument } from '../../store/documents.ts';
import { readJob } from '../../store/jobs.ts';
import { readVm } from '../../store/registry.ts';
import { siteRecoveryOf } from '../adapter.ts';
import { nothingToUpdate, noCache, notFound, rejectedBy } from '../faults.ts';
import { cacheFor, forgetItem, locate, rememberItem, reprotectTarget } from '../items.ts';
import type { SiteRecovery, WriteRequest } from '../port.ts';
import { scenarios } from '../scenarios.ts';
import type { Holder, Sight, Target } from './target.ts';

export const replicatedVm: Target = { startsJob: true, look };

async function look(step: Stored<StepDocument>, holder: Holder, now: Date): Promise<Sight> {
  const [vm, job] = await Promise.all([readVm(step.vaultId, step.targetId), readJob(step.jobId)]);
  if (!vm || !job) throw new Error(`Job ${step.jobId} or VM ${step.targetId} is gone from the store.`);
  const siteRecovery = await siteRecoveryOf(vm.vaultArmId);
  const item = await locate(siteRecovery, vm);
  if (!item) return step.phase === 'disableReplication' ? gone(vm, holder, step) : { kind: 'refused', fault: notFound(vm) };
  return judge(siteRecovery, { step, holder, now, vm, job, item });
}

const gone = (vm: ReplicatedVmDocument, holder: Holder, step: StepDocument): Sight =>
  ({ kind: 'alreadySo', armIdBefore: vm.armId, armIdAfter: vm.armId, remember: () => forgetItem(holder, step) });

interface Seen {
  readonly step: Stored<StepDocument>;
  readonly holder: Holder;
  readonly now: Date;
  readonly vm: ReplicatedVmDocument;
  readonly job: JobDocument;
  readonly item: Item;
}

async function judge(siteRecovery: SiteRecovery, seen: Seen): Promise<Sight> {
  const { step, holder, now, vm, job, item } = seen;
  const { phase } = step;
  if (isPreparing(phase)) throw new Error(`${phase} is no phase of a replicated VM.`);
  const { rules, movedItemId } = scenarios[step.scenario];
  const ids = { armIdBefore: item.armId, armIdAfter: phase === 'reprotect' ? movedItemId(item) : item.armId };
  const adopt = 'adopt' in job.command && job.command.adopt;
  const judgement = judgeItem(rules[phase], item, step.begunIn, adopt);
  switch (judgement.kind) {
    case 'start': {
      const request = await requestFor(seen);
      if ('kind' in request) return request;
      return { kind: 'start', ...ids, send: (clientRequestId, deadline) => siteRecovery.send(request, clientRequestId, deadline) };
    }
    case 'alreadySo':
      return { kind: 'alreadySo', armIdBefore: vm.armId, armIdAfter: item.armId, remember: () => rememberItem(holder, step, item, now) };
    case 'follow':
      return { kind: 'follow', ...ids, armIdBefore: vm.armId, armJobId: judgement.armJobId };
    case 'wait':
      return { kind: 'wait', waitsFor: judgement.armJobId ? `Site Recovery's job ${judgement.armJobId}, which somebody else began` : 'Site Recovery, which is busy with the VM' };
    case 'rejected':
      return { kind: 'refused', fault: rejectedBy(step, judgement.allowed) };
  }
}

async function requestFor({ step, holder, now, vm, job, item }: Seen): Promise<WriteRequest | Sight> {
  switch (step.phase) {
    case 'reprotect': {
      const target = await reprotectTarget(vm, item, cacheFor(vm, job.command) ?? (step.work.kind === 'replicatedVm' ? step.work.cacheStorageAccountId : null));
      return target ? { operation: 'reprotect', item, target } : { kind: 'refused', fault: noCache(vm) };
    }
    case 'updateReplication': {
      const change = step.work.kind === 'replicatedVm' ? step.work.change : null;
      if (!change) return { kind: 'refused', fault: nothingToUpdate(step) };
      if (Object.keys(change).length > 0) return { operation: 'updateReplication', item, change };
      return { kind: 'alreadySo', armIdBefore: item.armId, armIdAfter: item.armId, remember: () => rememberItem(holder, step, item, now) };
    }
    case 'disableReplication': case 'failover': case 'commit':
      return { operation: step.phase, item };
    case 'enableReplication': case 'prepare1': case 'prepare2': case 'prepare3': case 'prepare4': case 'prepare5':
      throw new Error(`${step.phase} is no phase of a replicated VM.`);
  }
}
