// A job's tasks: laid out in story time when the job is accepted, and told as they stand at any moment.

import { NEVER_STARTED, wireTime } from './ids.ts';
import type { Ending, JobRecord, PlannedTask } from './records.ts';
import type { OperationRow, TaskRow } from './table.ts';

interface PlanOptions {
  readonly startsAt: number;
  /** How long the whole takes when it succeeds. */
  readonly duration: number;
  readonly ending: Ending;
  readonly isSkipped: (task: TaskRow) => boolean;
  readonly childJob: (task: TaskRow) => string | null;
}

export interface Plan {
  readonly tasks: readonly PlannedTask[];
  /** Null: never. */
  readonly endsAt: number | null;
}

/** Skipped tasks take no time; the others share the whole by weight. */
export function planTasks(row: OperationRow, { startsAt, duration, ending, isSkipped, childJob }: PlanOptions): Plan {
  const skipped = new Set(row.tasks.filter(isSkipped));
  const weight = row.tasks.reduce((sum, task) => sum + (skipped.has(task) ? 0 : task.weight), 0);
  let at = startsAt;
  let passed = 0;
  const tasks = row.tasks.map((task): PlannedTask => {
    const begins = at;
    if (!skipped.has(task)) passed += task.weight;
    at = startsAt + Math.round((duration * passed) / weight / 1000) * 1000;
    return { taskId: task.taskId, name: task.name, friendlyName: task.friendlyName, startsAt: begins, endsAt: at, skipped: skipped.has(task), childJob: childJob(task) };
  });
  if (ending.kind === 'succeeds' || ending.kind === 'refused') return { tasks, endsAt: startsAt + duration };
  const stop = tasks.findIndex((task) => task.name === ending.task);
  const reached = tasks.slice(0, stop + 1).map((task, index) => (index === stop && ending.kind === 'sticks' ? { ...task, endsAt: null } : task));
  const unreached = tasks.slice(stop + 1).map((task) => ({ ...task, startsAt: null, endsAt: null, childJob: null }));
  return { tasks: [...reached, ...unreached], endsAt: ending.kind === 'sticks' ? null : (tasks[stop]?.endsAt ?? at) };
}

type TaskState = 'NotStarted' | 'InProgress' | 'Succeeded' | 'Failed' | 'Other';

const DESCRIPTIONS: Record<TaskState, string> = { NotStarted: 'NotStarted', InProgress: 'InProgress', Succeeded: 'Completed', Failed: 'Failed', Other: 'Skipped' };

const hasBegun = (task: PlannedTask, now: number): boolean => task.startsAt !== null && now >= task.startsAt;

function stateAt(task: PlannedTask, job: JobRecord, now: number): TaskState {
  const { ending, endedAt } = job;
  if (ending.kind === 'refused') return endedAt === null ? 'NotStarted' : 'Other';
  if (!hasBegun(task, now)) return endedAt === null ? 'NotStarted' : 'Other';
  if (task.skipped) return 'Other';
  if (ending.kind === 'fails' && ending.task === task.name && endedAt !== null) return 'Failed';
  return task.endsAt !== null && now >= task.endsAt ? 'Succeeded' : 'InProgress';
}

interface ChildTask {
  readonly job: JobRecord;
  readonly row: OperationRow;
}

/** The child job as a task within its parent's task. */
function childTask(task: PlannedTask, { job, row }: ChildTask) {
  const state = job.state;
  return {
    taskId: task.taskId,
    name: row.scenarioName,
    startTime: wireTime(job.acceptedAt),
    endTime: job.endedAt === null ? NEVER_STARTED : wireTime(job.endedAt),
    allowedActions: [],
    friendlyName: row.friendlyName,
    state,
    stateDescription: DESCRIPTIONS[state],
    taskType: 'JobTaskDetails',
    customDetails: {
      instanceType: 'JobTaskDetails',
      jobTask: { jobId: job.id, jobFriendlyName: row.friendlyName, targetObjectId: job.targetObjectId, targetObjectName: job.targetObjectName, targetInstanceType: 'ProtectionEntity', jobScenarioName: row.scenarioName },
    },
    groupTaskCustomDetails: null,
    errors: [],
  };
}

function groupDetails(child: ChildTask | undefined, task: PlannedTask) {
  return { instanceType: 'GroupTaskDetails', childTasks: child ? [childTask(task, child)] : [] };
}

export function taskBodies(job: JobRecord, row: OperationRow, now: number, child: (id: string) => ChildTask | undefined) {
  const groups = new Set(row.tasks.filter((task) => task.startsJob !== undefined).map((task) => task.name));
  return job.tasks.map((task) => {
    const state = stateAt(task, job, now);
    const isGroup = groups.has(task.name);
    const over = state === 'Succeeded' || state === 'Failed';
    return {
      taskId: task.taskId,
      name: task.name,
      startTime: job.ending.kind !== 'refused' && task.startsAt !== null && now >= task.startsAt ? wireTime(task.startsAt) : NEVER_STARTED,
      endTime: over && task.endsAt !== null ? wireTime(task.endsAt) : NEVER_STARTED,
      allowedActions: [],
      friendlyName: task.friendlyName,
      state,
      stateDescription: DESCRIPTIONS[state],
      taskType: isGroup ? 'GroupTaskDetails' : 'TaskDetails',
      customDetails: isGroup ? null : { instanceType: 'TaskDetails' },
      groupTaskCustomDetails: isGroup ? groupDetails(task.childJob === null ? undefined : child(task.childJob), task) : null,
      errors: [],
    };
  });
}
