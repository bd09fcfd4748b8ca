// A replicated VM: what its item allows decides.
import { judgeItem } from '../rules/attempt.ts';
import type { Item } from '../../siterecovery/item.ts';
import { choosePoint } from '../../siterecovery/recoveryPoint.ts';
import { chooseByRule } from '../../plans/rules/recoveryPoint.ts';
import { isOperation } from '../../core/words.ts';
import type { Stored } from '../../store/cosmos.ts';
import type { JobDocument, StepDocument } from '../../journal/documents.ts';
import type { ReplicatedVmDocument } from '../../replications/documents.ts';
import { readJob } from '../../journal/job.ts';
import { readVm } from '../../replications/registry.ts';
import { siteRecoveryOf } from '../../scenarios/adapter.ts';
import { nothingToUpdate, noSuchPoint, notFound, rejectedBy, unknownVm } from '../faults.ts';
import { cacheNotAsAsked } from '../cacheShown.ts';
import { forgetItem, isItemOf, locate, rememberItem } from '../../replications/items.ts';
import { reprotectTarget, cacheFor } from '../reprotectTarget.ts';
import { listLately, pagesOfItems } from '../../siterecovery/itemListCache.ts';
import type { SiteRecovery, WriteRequest } from '../../siterecovery/port.ts';
import { misplaced, networkFor, pointWish, shutsDown } from '../comingUp.ts';
import { performing, ruleFor } from '../../scenarios/drivers.ts';
import type { Holder, Sight, Target } from './target.ts';

export const replicatedVm: Target = { startsJob: true, look };

async function look(step: Stored<StepDocument>, holder: Holder, now: Date): Promise<Sight> {
  const [vm, job] = await Promise.all([readVm(step.vaultId, step.targetId), readJob(step.jobId)]);
  if (!job) throw new Error(`Job ${step.jobId} is gone from the store.`);
  if (!vm) return leftRegistry(step);
  const siteRecovery = await siteRecoveryOf(vm.vaultArmId);
  const seen = { step, holder, now, vm, job };
  const listed = await lookInList(siteRecovery, seen);
  if (listed?.kind === 'start') return listed;
  const item = await locate(siteRecovery, vm);
  if (!item)
    return step.phase === 'disableReplication'
      ? gone(vm, holder, step)
      : { kind: 'refused', fault: notFound(vm) };
  return judge(siteRecovery, { ...seen, item });
}

/**
 * Of a wave of many one list shows who is ready. Whoever is not is looked at by itself: nothing
 * else is concluded from a list.
 */
async function lookInList(siteRecovery: SiteRecovery, seen: Omit<Seen, 'item'>): Promise<Sight | undefined> {
  const { holder, vm, now } = seen;
  if ((holder.wave ?? 1) <= Math.max(SMALL_WAVE, pagesOfItems(vm.vaultArmId))) return undefined;
  const list = await listLately(siteRecovery, vm.vaultArmId, now).catch(() => undefined);
  const item = list?.get(vm.armId.toLowerCase());
  return item && isItemOf(item, vm) ? judge(siteRecovery, { ...seen, item }) : undefined;
}

/** In these a list is not worth its while. */
const SMALL_WAVE = 5;

const gone = (vm: ReplicatedVmDocument, holder: Holder, step: StepDocument): Sight => ({
  kind: 'alreadySo',
  armIdBefore: vm.armId,
  armIdAfter: vm.armId,
  remember: () => forgetItem(holder, step),
});

/** A VM leaves the registry once its replication was disabled: by a job, or by somebody else. */
const leftRegistry = (step: StepDocument): Sight =>
  step.phase === 'disableReplication'
    ? {
        kind: 'alreadySo',
        armIdBefore: step.armIdBefore ?? '',
        armIdAfter: step.armIdAfter ?? '',
        remember: () => Promise.resolve(true),
      }
    : { kind: 'refused', fault: unknownVm(step) };

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
  if (!isOperation(phase)) throw new Error(`${phase} is no phase of a replicated VM.`);
  const ids = {
    armIdBefore: item.armId,
    armIdAfter: phase === 'reprotect' ? performing(step.scenario).movedItemId(item) : item.armId,
  };
  const adopt = 'adopt' in job.command && job.command.adopt;
  const judgement = judgeItem(ruleFor(step.scenario, phase), item, step.begunIn, adopt);
  switch (judgement.kind) {
    case 'start': {
      const request = await requestFor(seen, siteRecovery);
      if ('kind' in request) return request;
      return {
        kind: 'start',
        ...ids,
        send: (clientRequestId, deadline) => siteRecovery.send(request, clientRequestId, deadline),
      };
    }
    case 'alreadySo':
      return {
        kind: 'alreadySo',
        armIdBefore: vm.armId,
        armIdAfter: item.armId,
        remember: () => rememberItem(holder, step, item, now),
        warnings: await cacheNotAsAsked({ ...step, foreign: true }, item),
      };
    case 'follow':
      return { kind: 'follow', ...ids, armIdBefore: vm.armId, armJobId: judgement.armJobId };
    case 'wait':
      return {
        kind: 'wait',
        waitsFor: judgement.armJobId
          ? `Site Recovery's job ${judgement.armJobId}, which somebody else began`
          : 'Site Recovery, which is busy with the VM',
      };
    case 'rejected':
      return { kind: 'refused', fault: rejectedBy(step, judgement.allowed) };
  }
}

async function requestFor(seen: Seen, siteRecovery: SiteRecovery): Promise<WriteRequest | Sight> {
  const { step, holder, now, vm, job, item } = seen;
  switch (step.phase) {
    case 'reprotect': {
      const target = await reprotectTarget(
        vm,
        item,
        cacheFor(vm, job.command) ??
          (step.work.kind === 'replicatedVm' ? step.work.cacheStorageAccountId : null),
      );
      return 'kind' in target ? { kind: 'refused', fault: target } : { operation: 'reprotect', item, target };
    }
    case 'updateReplication': {
      const change = step.work.kind === 'replicatedVm' ? step.work.change : null;
      if (!change) return { kind: 'refused', fault: nothingToUpdate(step) };
      if (Object.keys(change).length > 0) return { operation: 'updateReplication', item, change };
      return {
        kind: 'alreadySo',
        armIdBefore: item.armId,
        armIdAfter: item.armId,
        remember: () => rememberItem(holder, step, item, now),
      };
    }
    case 'testFailover':
    case 'failover':
    case 'changeRecoveryPoint':
      return failingOver(seen, siteRecovery);
    case 'cleanUpTestFailover':
      return {
        operation: step.phase,
        item,
        notes: 'notes' in job.command ? job.command.notes : `Cleaned up by job ${job.jobId}.`,
      };
    case 'disableReplication':
    case 'commit':
    case 'cancelFailover':
      return { operation: step.phase, item };
    case 'enableReplication':
    case 'prepare1':
    case 'prepare2':
    case 'prepare3':
    case 'prepare4':
    case 'prepare5':
    case 'action':
      throw new Error(`${step.phase} is no phase of a replicated VM.`);
  }
}

/**
 * At which point in time, chosen now: what stood ready when the command was sent may be older than
 * what stands ready when it is this VM's turn.
 */
async function failingOver(seen: Seen, siteRecovery: SiteRecovery): Promise<WriteRequest | Sight> {
  const {
    step,
    job: { command },
    item,
  } = seen;
  const fault = misplaced(step, command, item);
  if (fault) return { kind: 'refused', fault };
  const chosen = await pointFor(seen, siteRecovery);
  if ('kind' in chosen) return chosen;
  const { recoveryPointId } = chosen;
  if (step.phase === 'testFailover')
    return { operation: 'testFailover', item, recoveryPointId, networkId: networkFor(step, command) };
  if (step.phase === 'changeRecoveryPoint')
    return { operation: 'changeRecoveryPoint', item, recoveryPointId: recoveryPointId ?? '' };
  return { operation: 'failover', item, recoveryPointId, shutDownSource: await shutsDown(step, command) };
}

/** What the command says, else the rule of the VM's group in the plan. */
async function pointFor(
  { step, job: { command }, item, now }: Seen,
  siteRecovery: SiteRecovery,
): Promise<{ readonly recoveryPointId: string | null } | Sight> {
  const isChange = step.phase === 'changeRecoveryPoint';
  const wish = pointWish(step, command);
  if (typeof wish === 'object' && 'rule' in wish) {
    const points =
      wish.rule[0]?.kind === 'latest' && !isChange ? [] : await siteRecovery.recoveryPoints(item.armId);
    const found =
      chooseByRule(
        wish.rule,
        { members: [{ vm: step.targetId, name: step.targetName, points }], isMultiVm: false },
        now.toISOString(),
      ).points.get(step.targetId) ?? null;
    // To stay as it is, is no choice: once it is failed over, the latest is the newest that stands there.
    const point = found ?? (isChange ? (choosePoint('latestProcessed', points) ?? null) : null);
    return isChange && !point
      ? { kind: 'refused', fault: noSuchPoint(step, 'latestProcessed', points) }
      : { recoveryPointId: point?.id ?? null };
  }
  const points = wish === 'latest' && !isChange ? [] : await siteRecovery.recoveryPoints(item.armId);
  // Once it is failed over there is nothing left to process: the latest is the newest that stands there.
  const point = choosePoint(isChange && wish === 'latest' ? 'latestProcessed' : wish, points);
  return point === undefined
    ? { kind: 'refused', fault: noSuchPoint(step, wish, points) }
    : { recoveryPointId: point?.id ?? null };
}
