// A replicated VM as a target: the allowed operations of its item decide.
import { judgeItem } from '../rules/attemptRules.ts';
import type { ReplicatedItem } from '../../siterecovery/item.ts';
import { findRequestedPoint } from '../../siterecovery/recoveryPoint.ts';
import { choosePointsByRule } from '../../plans/rules/choosePointsByRule.ts';
import { ErrorKind } from '../../core/errors.ts';
import { isPhaseOperation } from '../../core/operations.ts';
import type { WithEtag } from '../../store/cosmos.ts';
import type { JobDocument, StepDocument } from '../../journal/documents.ts';
import type { ReplicatedVmDocument } from '../../replications/documents.ts';
import { readJob } from '../../journal/job.ts';
import { readVm } from '../../replications/registry.ts';
import { siteRecoveryClientFor } from '../../scenarios/adapter.ts';
import {
  nothingToUpdate,
  recoveryPointMissing,
  itemNotFound,
  notAllowedByAzure,
  unknownVm,
} from '../stepFaults.ts';
import { findCacheWarnings } from '../cacheCheck.ts';
import { findPlaceWarnings } from '../placeCheck.ts';
import { removeEndedItem, isItemOf, findItem, saveItemState } from '../../replications/items.ts';
import { reprotectTarget, cacheFor, requestedPlaceOf } from '../reprotectTarget.ts';
import { readCachedItemList, itemPageCountOf } from '../../siterecovery/itemListCache.ts';
import type { SiteRecovery, WriteRequest } from '../../siterecovery/siteRecovery.ts';
import {
  isPlannedFailover,
  networkFaultOf,
  networkFor,
  requestedPointOf,
  shouldShutDownSource,
} from '../startupOptions.ts';
import { requireCapabilities, ruleFor } from '../../scenarios/drivers.ts';
import type { StepStarter, StartDecision, Target } from './target.ts';

/** The target of a `replicatedVm` step. */
export const replicatedVmTarget: Target = { startsJob: true, inspect };

async function inspect(step: WithEtag<StepDocument>, owner: StepStarter, now: Date): Promise<StartDecision> {
  const [vm, job] = await Promise.all([readVm(step.vaultId, step.targetId), readJob(step.jobId)]);
  if (!job) throw new Error(`Job ${step.jobId} is gone from the store.`);
  if (!vm) return decideForUnknownVm(step);
  const siteRecovery = await siteRecoveryClientFor(vm.vaultArmId);
  const facts = { step, owner, now, vm, job };
  const listDecision = await inspectInList(siteRecovery, facts);
  if (listDecision?.kind === 'start') return listDecision;
  const item = await findItem(siteRecovery, vm);
  if (!item)
    return step.phase === 'disableReplication'
      ? decideAlreadyDisabled(vm, owner, step)
      : { kind: 'refused', fault: itemNotFound(vm) };
  return decideByItem(siteRecovery, { ...facts, item });
}

/**
 * In a large wave one list shows the VMs that may start. The caller inspects every other VM
 * directly, because a list proves nothing else.
 */
async function inspectInList(
  siteRecovery: SiteRecovery,
  facts: Omit<VmContext, 'item'>,
): Promise<StartDecision | undefined> {
  const { owner, vm, now } = facts;
  if ((owner.wave ?? 1) <= Math.max(MAX_SMALL_WAVE, itemPageCountOf(vm.vaultArmId))) return undefined;
  const list = await readCachedItemList(siteRecovery, vm.vaultArmId, now).catch(() => undefined);
  const item = list?.get(vm.armId.toLowerCase());
  return item && isItemOf(item, vm) ? decideByItem(siteRecovery, { ...facts, item }) : undefined;
}

/** For a wave up to this size a list costs more than single reads. */
const MAX_SMALL_WAVE = 5;

const decideAlreadyDisabled = (
  vm: ReplicatedVmDocument,
  owner: StepStarter,
  step: StepDocument,
): StartDecision => ({
  kind: 'alreadySo',
  armIdBefore: vm.armId,
  armIdAfter: vm.armId,
  updateRegistry: () => removeEndedItem(owner, step),
});

/** A VM leaves the registry after its replication ends, through a job or through another tool. */
const decideForUnknownVm = (step: StepDocument): StartDecision =>
  step.phase === 'disableReplication'
    ? {
        kind: 'alreadySo',
        armIdBefore: step.armIdBefore ?? '',
        armIdAfter: step.armIdAfter ?? '',
        updateRegistry: () => Promise.resolve(true),
      }
    : { kind: 'refused', fault: unknownVm(step) };

interface VmContext {
  readonly step: WithEtag<StepDocument>;
  readonly owner: StepStarter;
  readonly now: Date;
  readonly vm: ReplicatedVmDocument;
  readonly job: JobDocument;
  readonly item: ReplicatedItem;
}

async function decideByItem(siteRecovery: SiteRecovery, facts: VmContext): Promise<StartDecision> {
  const { step, owner, now, vm, job, item } = facts;
  const { phase } = step;
  if (!isPhaseOperation(phase)) throw new Error(`${phase} is not a phase of a replicated VM.`);
  const ids = {
    armIdBefore: item.armId,
    armIdAfter:
      phase === 'reprotect' ? requireCapabilities(step.scenario).itemIdAfterReprotect(item) : item.armId,
  };
  const adopt = 'adopt' in job.command && job.command.adopt;
  const judgement = judgeItem(ruleFor(step.scenario, phase), item, step.begunIn, adopt);
  switch (judgement.kind) {
    case 'start': {
      const refusal = requireCapabilities(item.scenario).refusalOf(
        { name: item.friendlyName, settings: item.settings },
        job.command,
      );
      if (refusal)
        return {
          kind: 'refused',
          fault: { ...refusal, kind: ErrorKind.rejected, message: `${refusal.message} Nothing was started.` },
        };
      const request = await requestFor(facts, siteRecovery);
      if ('kind' in request) return request;
      return {
        kind: 'start',
        ...ids,
        send: (clientRequestId, deadline) => siteRecovery.sendWrite(request, clientRequestId, deadline),
      };
    }
    case 'alreadySo':
      return {
        kind: 'alreadySo',
        armIdBefore: vm.armId,
        armIdAfter: item.armId,
        updateRegistry: () => saveItemState(owner, step, item, now),
        warnings: [
          ...(await findCacheWarnings({ ...step, foreign: true }, item)),
          ...(await findPlaceWarnings(step, item)),
        ],
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
    case 'refused':
      return { kind: 'refused', fault: notAllowedByAzure(step, judgement.allowed) };
  }
}

async function requestFor(
  facts: VmContext,
  siteRecovery: SiteRecovery,
): Promise<WriteRequest | StartDecision> {
  const { step, owner, now, vm, job, item } = facts;
  switch (step.phase) {
    case 'reprotect': {
      const target = await reprotectTarget(
        vm,
        item,
        cacheFor(vm, job.command) ??
          (step.work.kind === 'replicatedVm' ? step.work.cacheStorageAccountId : null),
        requestedPlaceOf(job.command),
      );
      return target && 'kind' in target
        ? { kind: 'refused', fault: target }
        : { operation: 'reprotect', item, target };
    }
    case 'updateReplication': {
      const change = step.work.kind === 'replicatedVm' ? step.work.change : null;
      if (!change) return { kind: 'refused', fault: nothingToUpdate(step) };
      if (Object.keys(change).length > 0) return { operation: 'updateReplication', item, change };
      return {
        kind: 'alreadySo',
        armIdBefore: item.armId,
        armIdAfter: item.armId,
        updateRegistry: () => saveItemState(owner, step, item, now),
      };
    }
    case 'testFailover':
    case 'failover':
    case 'changeRecoveryPoint':
      return failoverRequestFor(facts, siteRecovery);
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
      throw new Error(`${step.phase} is not a phase of a replicated VM.`);
  }
}

/**
 * Chooses the recovery point at the turn of this VM. The newest point may be newer now than when
 * the command arrived.
 */
async function failoverRequestFor(
  facts: VmContext,
  siteRecovery: SiteRecovery,
): Promise<WriteRequest | StartDecision> {
  const {
    step,
    job: { command },
    item,
  } = facts;
  const fault = networkFaultOf(step, command, item);
  if (fault) return { kind: 'refused', fault };
  const chosenPoint = await choosePointFor(facts, siteRecovery);
  if ('kind' in chosenPoint) return chosenPoint;
  const { recoveryPointId } = chosenPoint;
  if (step.phase === 'testFailover')
    return { operation: 'testFailover', item, recoveryPointId, networkId: networkFor(step, command) };
  if (step.phase === 'changeRecoveryPoint')
    return { operation: 'changeRecoveryPoint', item, recoveryPointId: recoveryPointId ?? '' };
  return {
    operation: 'failover',
    item,
    recoveryPointId,
    shutDownSource: await shouldShutDownSource(step, command),
    planned: await isPlannedFailover(step, command),
  };
}

/** The recovery point of the command, else the rule of the group in the plan. */
async function choosePointFor(
  { step, job: { command }, item, now }: VmContext,
  siteRecovery: SiteRecovery,
): Promise<{ readonly recoveryPointId: string | null } | StartDecision> {
  const isChange = step.phase === 'changeRecoveryPoint';
  const requested = requestedPointOf(step, command);
  if (typeof requested === 'object' && 'rule' in requested) {
    const points =
      requested.rule[0]?.kind === 'latest' && !isChange
        ? []
        : await siteRecovery.listRecoveryPoints(item.armId);
    const chosenByRule =
      choosePointsByRule(
        requested.rule,
        { members: [{ vm: step.targetId, name: step.targetName, points }], isMultiVm: false },
        now.toISOString(),
      ).points.get(step.targetId) ?? null;
    // No change is no choice: after a failover, the latest point is the newest existing point.
    const point = chosenByRule ?? (isChange ? (findRequestedPoint('latestProcessed', points) ?? null) : null);
    return isChange && !point
      ? { kind: 'refused', fault: recoveryPointMissing(step, 'latestProcessed', points) }
      : { recoveryPointId: point?.id ?? null };
  }
  const points = requested === 'latest' && !isChange ? [] : await siteRecovery.listRecoveryPoints(item.armId);
  // After a failover nothing waits for processing: the latest point is the newest existing point.
  const point = findRequestedPoint(
    isChange && requested === 'latest' ? 'latestProcessed' : requested,
    points,
  );
  return point === undefined
    ? { kind: 'refused', fault: recoveryPointMissing(step, requested, points) }
    : { recoveryPointId: point?.id ?? null };
}
