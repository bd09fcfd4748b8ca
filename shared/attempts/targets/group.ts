// A multi-VM consistency group: its members fail over, are tested and reprotected together, by one
// write through a native plan.
// Where that has brought some of them there and not the others, the next try is for those who are
// left, and for nobody twice.
import { vaultOf } from '../../core/armId.ts';
import type { Item } from '../../siterecovery/item.ts';
import type { PointRule } from '../../plans/rules/plan.ts';
import { chooseByRule } from '../../plans/rules/recoveryPoint.ts';
import type { RecoveryPointKind } from '../../siterecovery/recoveryPoint.ts';
import { judgeGroup, pointLike, wayOf, type Going } from '../rules/partiallyCompletedGroup.ts';
import { restPlanNameOf } from '../../core/ids.ts';
import type { Stored } from '../../store/cosmos.ts';
import type { JobDocument, StepDocument, Work } from '../../journal/documents.ts';
import { readJob } from '../../journal/job.ts';
import { findVms } from '../../replications/registry.ts';
import { siteRecoveryOf } from '../../scenarios/adapter.ts';
import {
  membersMissing,
  membersRefused,
  noPlanForRest,
  noSuchPoint,
  pointOfGroup,
  testOfOthers,
} from '../faults.ts';
import { isItemOf, rememberItem } from '../../replications/items.ts';
import { misplaced, networkFor, pointWish, shutsDown } from '../comingUp.ts';
import type { GroupRequest, SiteRecovery, WriteRequest } from '../../siterecovery/port.ts';
import { ruleFor } from '../../scenarios/drivers.ts';
import type { Holder, Sight, Target } from './target.ts';

export const group: Target = { startsJob: true, look };

type GroupWork = Extract<Work, { kind: 'group' }>;
export type GroupPhase = GroupRequest['operation'];

export interface Member {
  readonly vmId: string;
  readonly name: string;
  readonly item: Item | undefined;
  /** An earlier write of this step has brought it there. */
  readonly arrived: boolean;
}

export const workOf = (step: StepDocument): GroupWork => {
  if (step.work.kind !== 'group') throw new Error(`Step ${step.id} is not of a group.`);
  return step.work;
};

/** Each member with its item, wherever that lives now. */
export async function membersOf(step: StepDocument, items: Iterable<Item>): Promise<readonly Member[]> {
  const { vms } = workOf(step);
  const arrived = new Set(step.arrived?.map(({ vm }) => vm));
  const [known, list] = [
    new Map((await findVms(vms.map((vm) => vm.id))).map((vm) => [vm.id, vm])),
    [...items],
  ];
  return vms.map(({ id, name }) => {
    const vm = known.get(id);
    return { vmId: id, name, item: vm && list.find((item) => isItemOf(item, vm)), arrived: arrived.has(id) };
  });
}

export const ruleOf = ({ scenario, phase }: StepDocument) => ruleFor(scenario, phase as GroupPhase);

async function look(step: Stored<StepDocument>, holder: Holder, now: Date): Promise<Sight> {
  const { planId } = workOf(step);
  const [siteRecovery, job] = [await siteRecoveryOf(vaultOf(planId)), await readJob(step.jobId)];
  if (!job) throw new Error(`Job ${step.jobId} is gone from the store.`);
  const members = await membersOf(step, await siteRecovery.items());
  const judged = judgeGroup(ruleOf(step), members, step.begunIn);
  switch (judged.kind) {
    case 'missing':
      return { kind: 'refused', fault: membersMissing(step, judged.names) };
    case 'busy':
      return { kind: 'wait', waitsFor: `Site Recovery, which is busy with ${judged.names.join(', ')}` };
    case 'refused':
      return { kind: 'refused', fault: membersRefused(step, judged.told) };
    case 'allThere':
      return {
        kind: 'alreadySo',
        armIdBefore: planId,
        armIdAfter: planId,
        remember: () => rememberMembers(holder, step, members, now),
      };
    case 'going':
      return begin(step, job, { planId, siteRecovery, now, members, going: judged.going });
  }
}

interface Around {
  /** Of all members. */
  readonly planId: string;
  readonly siteRecovery: SiteRecovery;
  readonly now: Date;
  readonly members: readonly Member[];
  readonly going: readonly Going<Member>[];
}

async function begin(step: StepDocument, job: JobDocument, around: Around): Promise<Sight> {
  const { planId, siteRecovery, members, going } = around;
  const phase = step.phase as GroupPhase;
  // A plan knows of a test only when it was begun through it.
  const planEndsTest =
    phase === 'cleanUpTestFailover' &&
    ((await siteRecovery.planAllows(planId))?.includes('TestFailoverCleanup') ?? false);
  const way = wayOf(phase, going.length, members.length, planEndsTest);
  if (way === 'testOfOthers') return { kind: 'refused', fault: testOfOthers(step) };
  const fault = going.map(({ item }) => misplaced(step, job.command, item)).find((one) => one !== undefined);
  if (fault) return { kind: 'refused', fault };
  const there = members.filter(({ vmId }) => !going.some((one) => one.vmId === vmId)).map(({ name }) => name);
  const log =
    there.length === 0
      ? {}
      : {
          log:
            `${there.join(', ')}: there already, and left as ` +
            `${there.length === 1 ? 'it is' : 'they are'}. Left to do: ` +
            `${going.map(({ name }) => name).join(', ')}.`,
        };
  if (way === 'alone') return beginAlone(step, job, around, log);
  const through = way === 'whole' ? planId : planOfRest(phase, planId, going);
  if (way === 'rest' && (await siteRecovery.planAllows(through)) === undefined)
    return {
      kind: 'refused',
      fault: noPlanForRest(
        step,
        going.map(({ name }) => name),
      ),
    };
  const request = await requestFor(step, job, { ...around, planId: through });
  if ('kind' in request) return request;
  return {
    kind: 'start',
    armIdBefore: through,
    armIdAfter: through,
    ...log,
    send: (clientRequestId, deadline) => siteRecovery.sendGroup(request, clientRequestId, deadline),
  };
}

/** The next of them: the others' turn comes when it has ended. */
async function beginAlone(
  step: StepDocument,
  job: JobDocument,
  around: Around,
  log: { readonly log?: string },
): Promise<Sight> {
  const [next] = around.going;
  if (!next) throw new Error(`Nobody of ${step.targetName} is left.`);
  const request = await requestAlone(step, job, next, around);
  if ('kind' in request) return request;
  return {
    kind: 'start',
    armIdBefore: next.item.armId,
    armIdAfter: next.item.armId,
    ...log,
    send: (clientRequestId, deadline) => around.siteRecovery.send(request, clientRequestId, deadline),
  };
}

const planOfRest = (phase: GroupPhase, planId: string, going: readonly Going<Member>[]): string =>
  `${vaultOf(planId)}/replicationRecoveryPlans/${restPlanNameOf(
    phase,
    going.map(({ item }) => item.armId),
  )}`;

export async function rememberMembers(
  holder: Holder,
  step: StepDocument,
  members: readonly Member[],
  now: Date,
): Promise<boolean> {
  for (const { vmId, item } of members) {
    if (
      item &&
      !(await rememberItem(holder, { id: step.id, targetId: vmId, vaultId: step.vaultId }, item, now))
    )
      return false;
  }
  return true;
}

const notesFor = ({ jobId, command }: JobDocument): string =>
  'notes' in command ? command.notes : `Cleaned up by job ${jobId}.`;

async function requestFor(
  step: StepDocument,
  job: JobDocument,
  around: Around,
): Promise<GroupRequest | Sight> {
  const operation = step.phase as GroupPhase;
  const { planId } = around;
  const { scenario } = step;
  if (operation === 'reprotect') return { operation, scenario, planId };
  if (operation === 'cleanUpTestFailover') return { operation, scenario, planId, notes: notesFor(job) };
  const point = await kindFor(step, job, around);
  if (typeof point === 'object') return point;
  if (operation === 'testFailover')
    return { operation, scenario, planId, point, networkId: networkFor(step, job.command) };
  return { operation, scenario, planId, point, shutDownSource: await shutsDown(step, job.command) };
}

/** By its own item, to where the plan has brought the others. */
async function requestAlone(
  step: StepDocument,
  job: JobDocument,
  { item, name }: Going<Member>,
  around: Around,
): Promise<WriteRequest | Sight> {
  if (step.phase === 'cleanUpTestFailover') return { operation: step.phase, item, notes: notesFor(job) };
  const kind = await kindFor(step, job, around);
  if (typeof kind === 'object') return kind;
  const points = kind === 'latest' ? [] : await around.siteRecovery.recoveryPoints(item.armId);
  const point = pointLike(kind, points, Object.values(step.recoveryPoint?.members ?? {})[0]);
  if (point === undefined)
    return { kind: 'refused', fault: noSuchPoint({ ...step, targetName: name }, kind, points) };
  const of = { item, recoveryPointId: point?.id ?? null };
  if (step.phase === 'testFailover')
    return { ...of, operation: step.phase, networkId: networkFor(step, job.command) };
  return { ...of, operation: 'failover', shutDownSource: await shutsDown(step, job.command) };
}

async function kindFor(
  step: StepDocument,
  { command }: JobDocument,
  around: Around,
): Promise<RecoveryPointKind | Sight> {
  const wish = pointWish(step, command);
  if (typeof wish === 'string') return wish;
  return 'rule' in wish ? kindByRule(wish.rule, around) : { kind: 'refused', fault: pointOfGroup(step) };
}

/**
 * A plan of Site Recovery is told a kind of point, so the kind that fits all who go is what the
 * rule decides.
 */
async function kindByRule(rule: PointRule, { going, siteRecovery, now }: Around): Promise<RecoveryPointKind> {
  const known = await Promise.all(
    going.map(async ({ vmId, name, item }) => ({
      vm: vmId,
      name,
      points: await siteRecovery.recoveryPoints(item.armId),
    })),
  );
  return chooseByRule(rule, { members: known, isMultiVm: true }, now.toISOString()).kind;
}
