// A job as it is accepted: everything that will happen in it is laid out at once.

import { randomUUID } from 'node:crypto';

import { durationOf } from './ids.ts';
import type { Provider } from './provider.ts';
import type { Ending, ItemRecord, JobRecord, OperationInput } from './records.ts';
import { operationRow } from './table.ts';
import { planTasks } from './tasks.ts';
import type { VaultWorld } from './world.ts';

/** How long a refused job sits there before it says so. */
const REFUSAL_SECONDS = [165, 195] as const;

export interface NewJob {
  readonly id: string;
  readonly sequence: number;
  readonly item: ItemRecord;
  readonly vault: VaultWorld;
  readonly provider: Provider;
  readonly operation: string;
  readonly input: OperationInput;
  readonly ending: Ending;
  readonly activityId: string;
  readonly now: number;
  /** How long it takes, when that is given; else the table says so. */
  readonly duration?: number;
}

export function newJob({ id, sequence, item, vault, provider, operation, input, ending, activityId, now, duration }: NewJob): JobRecord {
  const row = operationRow(provider.table, operation);
  const range = ending.kind === 'refused' ? REFUSAL_SECONDS : row.seconds;
  const plan = planTasks(row, {
    startsAt: now,
    duration: duration ?? durationOf(range, item.key, operation, item.operations),
    ending,
    isSkipped: (task) => task.skippedWhen !== undefined && (provider.conditions[task.skippedWhen]?.(item, input) ?? false),
    childJob: (task) => (task.startsJob === undefined ? null : randomUUID()),
  });
  const affectedObjects = provider.affectedObjects(item, vault);
  return {
    id,
    sequence,
    vault: item.vault,
    item: item.key,
    operation,
    input,
    activityId,
    state: 'NotStarted',
    acceptedAt: now,
    endsAt: plan.endsAt,
    endedAt: null,
    listed: false,
    tasks: plan.tasks,
    ending,
    affectedObjects,
    targetObjectId: provider.targetObjectId(item),
    targetObjectName: affectedObjects['primaryVmName'] ?? item.name,
    outcome: row.outcomeAtFirst,
  };
}
