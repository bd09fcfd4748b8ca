// Prints a job's tasks as the API does, with their state at a given time.

import { guidOf, NEVER_STARTED, formatTime } from './ids.ts';
import type { GroupMember, JobRecord, PlannedTask, TaskGroup } from './records.ts';
import type { OperationRow } from './provider-table.ts';

type TaskState =
  | 'NotStarted'
  | 'InProgress'
  | 'Suspended'
  | 'Succeeded'
  | 'PartiallySucceeded'
  | 'Failed'
  | 'Cancelled'
  | 'Other';

const DESCRIPTIONS: Partial<Record<TaskState, string>> = { Succeeded: 'Completed', Other: 'Skipped' };
export const describeState = (state: TaskState): string => DESCRIPTIONS[state] ?? state;

/** Returns a job and its row by the job's id. */
export type FindJob = (id: string) => { readonly job: JobRecord; readonly row: OperationRow } | undefined;

const hasBegun = (task: PlannedTask, now: number): boolean => task.startsAt !== null && now >= task.startsAt;

interface TaskContext {
  readonly job: JobRecord;
  readonly now: number;
  readonly child: FindJob;
  /** True when an earlier task waits for a person. */
  readonly isBlocked: boolean;
}

function stateAt(task: PlannedTask, { job, now, isBlocked, child }: TaskContext): TaskState {
  const { ending, endedAt } = job;
  const notYet = endedAt === null ? 'NotStarted' : 'Other';
  if (ending.kind === 'refused' || ending.kind === 'idle') return notYet;
  if (isBlocked || !hasBegun(task, endedAt ?? now)) return notYet;
  if (task.skipped) return 'Other';
  if (task.waits !== undefined && task.endsAt === null) return endedAt === null ? 'Suspended' : 'Cancelled';
  if (ending.kind === 'fails' && ending.task === task.name && endedAt !== null)
    return job.state === 'Cancelled' ? 'Cancelled' : 'Failed';
  if (task.endsAt === null || now < task.endsAt) return 'InProgress';
  if (task.failure) return 'Failed';
  return task.group ? groupState(task.group, child) : 'Succeeded';
}

function groupState({ members }: TaskGroup, child: FindJob): TaskState {
  const states = members.map(({ job }) => child(job)?.job.state ?? 'NotStarted');
  if (states.every((state) => state === 'Succeeded')) return 'Succeeded';
  return states.some((state) => state === 'Succeeded') ? 'PartiallySucceeded' : 'Failed';
}

const jobTask = (job: JobRecord, row: OperationRow, targetInstanceType: string) => ({
  jobId: job.id,
  jobFriendlyName: row.friendlyName,
  targetObjectId: job.target.id,
  targetObjectName: job.target.name,
  targetInstanceType,
  jobScenarioName: row.scenarioName,
});

const taskTimes = (startsAt: number | null, endsAt: number | null) => ({
  startTime: startsAt === null ? NEVER_STARTED : formatTime(startsAt),
  endTime: endsAt === null ? NEVER_STARTED : formatTime(endsAt),
});

/** The child job as a task within its parent's task. */
function childTask(task: PlannedTask, { job, row }: NonNullable<ReturnType<FindJob>>) {
  const { startTime, endTime } = taskTimes(job.acceptedAt, job.endedAt);
  return {
    taskId: task.taskId,
    name: row.scenarioName,
    startTime,
    endTime,
    allowedActions: [],
    friendlyName: row.friendlyName,
    state: job.state,
    stateDescription: describeState(job.state),
    taskType: 'JobTaskDetails',
    customDetails: { instanceType: 'JobTaskDetails', jobTask: jobTask(job, row, 'ProtectionEntity') },
    groupTaskCustomDetails: null,
    errors: [],
  };
}

function machineTask({ job: id, name, item }: GroupMember, child: FindJob, isFinished: boolean) {
  const found = child(id);
  const state = found?.job.state ?? (isFinished ? 'Other' : 'NotStarted');
  const { startTime, endTime } = taskTimes(found?.job.acceptedAt ?? null, found?.job.endedAt ?? null);
  return {
    taskId: guidOf(id, 'task'),
    name,
    startTime,
    endTime,
    allowedActions: [],
    friendlyName: name,
    state,
    stateDescription: describeState(state),
    taskType: 'VirtualMachineTaskDetails',
    customDetails: {
      instanceType: 'VirtualMachineTaskDetails',
      skippedReason: found ? 'None' : 'PreviousPhaseFailed',
      skippedReasonString: found ? null : 'The virtual machine fell behind in an earlier phase.',
      jobTask: found
        ? jobTask(found.job, found.row, 'Vm')
        : {
            jobId: '',
            jobFriendlyName: '',
            targetObjectId: item,
            targetObjectName: name,
            targetInstanceType: 'Vm',
            jobScenarioName: '',
          },
    },
    groupTaskCustomDetails: null,
    errors: [],
  };
}

function planGroupDetails(task: PlannedTask, group: TaskGroup, child: FindJob, over: boolean) {
  return {
    instanceType: group.type,
    childTasks: group.members.map((member) => machineTask(member, child, over)),
    name: group.name,
    groupId: guidOf(task.taskId, 'group'),
    rpGroupType: group.rpGroupType,
  };
}

function groupDetails(task: PlannedTask, isGroup: boolean, context: TaskContext, over: boolean) {
  if (task.group) return planGroupDetails(task, task.group, context.child, over);
  if (!isGroup) return null;
  const found = task.childJob === null ? undefined : context.child(task.childJob);
  return { instanceType: 'GroupTaskDetails', childTasks: found ? [childTask(task, found)] : [] };
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function actionDetails({ name }: PlannedTask, action: NonNullable<PlannedTask['action']>) {
  const isPrimarySideScript = action['fabricLocation'] === 'Primary';
  if (action.instanceType === 'ScriptActionDetails')
    return {
      instanceType: 'ScriptActionTaskDetails',
      jobTask: null,
      name,
      path: text(action['path']),
      output: null,
      isPrimarySideScript,
    };
  const runbookId = text(action['runbookId']) ?? '';
  const [, subscriptionId = null, , accountName = null, runbookName = null] =
    /^\/subscriptions\/([^/]+)\/(.*)\/automationAccounts\/([^/]+)\/runbooks\/([^/]+)$/i.exec(runbookId) ?? [];
  return {
    instanceType: 'AutomationRunbookTaskDetails',
    jobTask: null,
    name,
    cloudServiceName: null,
    subscriptionId,
    accountName,
    runbookId,
    runbookName,
    jobId: null,
    jobOutput: null,
    isPrimarySideScript,
  };
}

function ownDetails(task: PlannedTask) {
  if (task.action) return actionDetails(task, task.action);
  return task.waits === undefined
    ? { instanceType: 'TaskDetails' }
    : {
        instanceType: 'ManualActionTaskDetails',
        jobTask: null,
        name: task.name,
        instructions: task.waits,
        observation: null,
      };
}

export function taskBodies(job: JobRecord, row: OperationRow, now: number, child: FindJob) {
  const groups = new Set(row.tasks.filter((task) => task.startsJob !== undefined).map((task) => task.name));
  const works = job.ending.kind !== 'refused' && job.ending.kind !== 'idle';
  const waiting = job.tasks.findIndex((task) => task.waits !== undefined && task.endsAt === null);
  return job.tasks.map((task, index) => {
    const context: TaskContext = { job, now, child, isBlocked: waiting >= 0 && index > waiting };
    const state = stateAt(task, context);
    const over = ['Succeeded', 'PartiallySucceeded', 'Failed', 'Cancelled'].includes(state);
    const details = groupDetails(task, groups.has(task.name), context, job.endedAt !== null);
    const own = ownDetails(task);
    const begun = works && !context.isBlocked && hasBegun(task, now);
    return {
      taskId: task.taskId,
      name: task.name,
      ...taskTimes(begun ? task.startsAt : null, over ? task.endsAt : null),
      allowedActions: [],
      friendlyName: task.friendlyName,
      state,
      stateDescription: describeState(state),
      taskType: details?.instanceType ?? own.instanceType,
      customDetails: details ? null : own,
      groupTaskCustomDetails: details,
      errors: [],
    };
  });
}
