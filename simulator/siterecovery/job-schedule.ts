// Plans a job's tasks in simulated time when the engine accepts the job.

import type { Ending, PlannedTask } from './records.ts';
import type { OperationRow, TaskRow } from './provider-table.ts';

interface ScheduleOptions {
  readonly startsAt: number;
  /** The duration of a successful job. */
  readonly duration: number;
  readonly ending: Ending;
  readonly isSkipped: (task: TaskRow) => boolean;
  readonly childJob: (task: TaskRow) => string | null;
}

export interface JobSchedule {
  readonly tasks: readonly PlannedTask[];
  /** Null: never. */
  readonly endsAt: number | null;
}

/**
 * Skipped tasks take no time. The other tasks share the duration by weight. A task that
 * waits for a person has no end, and neither has its job.
 */
export function scheduleTasks(
  row: OperationRow,
  { startsAt, duration, ending, isSkipped, childJob }: ScheduleOptions,
): JobSchedule {
  const skipped = new Set(row.tasks.filter(isSkipped));
  const weight = row.tasks.reduce((sum, task) => sum + (skipped.has(task) ? 0 : task.weight), 0);
  let at = startsAt;
  let passed = 0;
  const waiting = row.tasks.find((task) => task.waits !== undefined && !skipped.has(task));
  const tasks = row.tasks.map((task): PlannedTask => {
    const begins = at;
    if (!skipped.has(task)) passed += task.weight;
    at = startsAt + (weight === 0 ? 0 : Math.round((duration * passed) / weight / 1000) * 1000);
    return {
      taskId: task.taskId,
      name: task.name,
      friendlyName: task.friendlyName,
      startsAt: begins,
      endsAt: task === waiting ? null : at,
      skipped: skipped.has(task),
      childJob: childJob(task),
      ...(task === waiting && { waits: task.waits ?? '' }),
    };
  });
  if (ending.kind !== 'fails' && ending.kind !== 'sticks')
    return { tasks, endsAt: waiting && ending.kind === 'succeeds' ? null : startsAt + duration };
  return stopTasksAt(tasks, ending.task, ending.kind === 'sticks' ? null : undefined);
}

/**
 * Stops the schedule at this task. The job ends at the end of the task, at `endsAt`, or (null)
 * never.
 */
export function stopTasksAt(
  tasks: readonly PlannedTask[],
  name: string,
  endsAt?: number | null,
): JobSchedule {
  const stop = tasks.findIndex((task) => task.name === name);
  const last = tasks[stop];
  const end = endsAt === undefined ? (last?.endsAt ?? null) : endsAt;
  const reached = tasks
    .slice(0, stop + 1)
    .map((task, index) => (index === stop ? { ...task, endsAt: end } : task));
  const unreached = tasks
    .slice(stop + 1)
    .map((task) => ({ ...task, startsAt: null, endsAt: null, childJob: null }));
  return { tasks: [...reached, ...unreached], endsAt: end };
}
