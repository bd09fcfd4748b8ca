// A multi-VM consistency group: its members fail over, are tested and reprotected together, by one write through a native plan.
import { vaultOf } from '../../domain/armId.ts';
import { judgeItem } from '../../domain/attempt.ts';
import type { Item } from '../../domain/item.ts';
import type { PointRule } from '../../domain/plan/plan.ts';
import { chooseByRule } from '../../domain/plan/recoveryPoint.ts';
import type { RecoveryPointKind } from '../../domain/recoveryPoint.ts';
import type { Stored } from '../../store/cosmos.ts';
import type { JobDocument, StepDocument, Work } from '../../store/documents.ts';
import { readJob } from '../../store/jobs.ts';
import { findVms } from '../../store/registry.ts';
import { siteRecoveryOf } from '../adapter.ts';
import { membersMissing, membersRefused, pointOfGroup, testOfOthers } from '../faults.ts';
import { isItemOf, rememberItem } from '../items.ts';
import type { GroupRequest } from '../nativePlans.ts';
import { networkFor, pointWish, shutsDown } from '../comingUp.ts';
import type { SiteRecovery } from '../port.ts';
import { scenarios } from '../scenarios.ts';
import type { Holder, Sight, Target } from './target.ts';

export const group: Target = { startsJob: true, look };

type GroupWork = Extract<Work, { kind: 'group' }>;
export type GroupPhase = GroupRequest['operation'];

export interface Member {
  readonly vmId: string;
  readonly name: string;
  readonly item: Item | undefined;
}

export const workOf = (step: StepDocument): GroupWork => {
  if (step.work.kind !== 'group') throw new Error(`Step ${step.id} is not of a group.`);
  return step.work;
};

/** Each member with its item, wherever that lives now. */
export async function membersOf(step: StepDocument, items: Iterable<Item>): Promise<readonly Member[]> {
  const { vms } = workOf(step);
  const [known, list] = [new Map((await findVms(vms.map((vm) => vm.id))).map((vm) => [vm.id, vm])), [...items]];
  return vms.map(({ id, name }) => {
    const vm = known.get(id);
    return { vmId: id, name, item: vm && list.find((item) => isItemOf(item, vm)) };
  });
}

export const ruleOf = (step: StepDocument) => scenarios[step.scenario].rules[step.phase as GroupPhase];

async function look(step: Stored<StepDocument>, holder: Holder, now: Date): Promise<Sight> {
  const { planId } = workOf(step);
  const [siteRecovery, job] = [await siteRecoveryOf(vaultOf(planId)), await readJob(step.jobId)];
  if (!job) throw new Error(`Job ${step.jobId} is gone from the store.`);
  const members = await membersOf(step, await siteRecovery.items());
  const judged = members.map((member) => ({ ...member, judgement: member.item && judgeItem(ruleOf(step), member.item, step.begunIn, false) }));
  const lost = judged.filter((member) => !member.judgement);
  if (lost.length > 0) return { kind: 'refused', fault: membersMissing(step, lost.map(({ name }) => name)) };
  const busy = judged.filter(({ judgement }) => judgement?.kind === 'wait' || judgement?.kind === 'follow');
  if (busy.length > 0) return { kind: 'wait', waitsFor: `Site Recovery, which is busy with ${busy.map(({ name }) => name).join(', ')}` };
  const ids = { armIdBefore: planId, armIdAfter: planId };
  if (judged.every(({ judgement }) => judgement?.kind === 'alreadySo')) return { kind: 'alreadySo', ...ids, remember: () => rememberMembers(holder, step, members, now) };
  const refused = judged.flatMap(({ name, judgement }) => (judgement?.kind === 'rejected' ? [`${name} allows ${judgement.allowed.join(', ')}`] : []));
  if (refused.length > 0) return { kind: 'refused', fault: membersRefused(step, refused) };
  // A plan knows of a test only when it was begun through it.
  if (step.phase === 'cleanUpTestFailover' && !(await siteRecovery.planAllows(planId))?.includes('TestFailoverCleanup')) return { kind: 'refused', fault: testOfOthers(step) };
  const request = await requestFor(step, job, { planId, members, siteRecovery, now });
  if ('kind' in request) return request;
  return { kind: 'start', ...ids, send: (clientRequestId, deadline) => siteRecovery.sendGroup(request, clientRequestId, deadline) };
}

export async function rememberMembers(holder: Holder, step: StepDocument, members: readonly Member[], now: Date): Promise<boolean> {
  for (const { vmId, item } of members) {
    if (item && !(await rememberItem(holder, { id: step.id, targetId: vmId, vaultId: step.vaultId }, item, now))) return false;
  }
  return true;
}

interface Around {
  readonly planId: string;
  readonly members: readonly Member[];
  readonly siteRecovery: SiteRecovery;
  readonly now: Date;
}

async function requestFor(step: StepDocument, { command }: JobDocument, around: Around): Promise<GroupRequest | Sight> {
  const operation = step.phase as GroupPhase;
  const { planId } = around;
  if (operation === 'reprotect') return { operation, planId };
  if (operation === 'cleanUpTestFailover') return { operation, planId, notes: 'notes' in command ? command.notes : `Cleaned up by job ${step.jobId}.` };
  const wish = pointWish(step, command);
  if (typeof wish === 'object' && !('rule' in wish)) return { kind: 'refused', fault: pointOfGroup(step) };
  const point = typeof wish === 'string' ? wish : await kindByRule(wish.rule, around);
  if (operation === 'testFailover') return { operation, planId, point, networkId: networkFor(step, command) };
  return { operation, planId, point, shutDownSource: await shutsDown(step, command) };
}

/** A plan of Site Recovery is told a kind of point, so the kind that fits all members is what the rule decides. */
async function kindByRule(rule: PointRule, { members, siteRecovery, now }: Around): Promise<RecoveryPointKind> {
  const known = await Promise.all(members.map(async ({ vmId, name, item }) => ({ vm: vmId, name, points: item ? await siteRecovery.recoveryPoints(item.armId) : [] })));
  return chooseByRule(rule, { members: known, isMultiVm: true }, now.toISOString()).kind;
}
