// A job as the API prints it: little in a list, all by its id, next to nothing in its first seconds.

import { guidOf, wireTime, wireTimeCut } from './ids.ts';
import { errorOf, type JobRecord } from './records.ts';
import type { OperationRow } from './table.ts';
import { taskBodies } from './tasks.ts';
import type { VaultWorld } from './world.ts';

/** A job with its row of the table, and the way to those that it started. */
export interface JobPicture {
  readonly job: JobRecord;
  readonly row: OperationRow;
  readonly world: VaultWorld;
  readonly now: number;
  readonly child: (id: string) => { readonly job: JobRecord; readonly row: OperationRow } | undefined;
}

const STATE_DESCRIPTIONS = { NotStarted: 'NotStarted', InProgress: 'InProgress', Succeeded: 'Completed', Failed: 'Failed' } as const;

/** A job that was refused cannot be restarted; the others offer what their state allows. */
function allowedActions({ state, ending }: JobRecord): string[] {
  if (ending.kind === 'refused') return [];
  if (state === 'InProgress') return ['Cancel'];
  return state === 'Failed' ? ['Restart'] : [];
}

function errorsOf(job: JobRecord) {
  const error = errorOf(job);
  if (job.endedAt === null || !error) return [];
  const { code, message, possibleCauses, recommendedAction } = error;
  return [{
    serviceErrorDetails: { code, message, possibleCauses, recommendedAction, activityId: job.activityId.split(' ').at(-1) },
    providerErrorDetails: { errorCode: 0, errorMessage: null, errorId: guidOf(job.id, 'error'), possibleCauses: '', recommendedAction: '' },
    errorLevel: 'Error',
    creationTime: wireTime(job.endedAt),
    taskId: null,
  }];
}

const envelope = ({ job, world }: JobPicture, properties: Record<string, unknown>) => ({
  id: world.jobId(job.id),
  name: job.id,
  type: 'Microsoft.RecoveryServices/vaults/replicationJobs',
  properties,
});

const stateOf = (job: JobRecord) => ({ state: job.state, stateDescription: STATE_DESCRIPTIONS[job.state] });
const timesOf = (job: JobRecord) => ({ startTime: wireTime(job.acceptedAt), ...(job.endedAt === null ? {} : { endTime: wireTime(job.endedAt) }) });

const targetOf = (job: JobRecord) => ({ targetObjectId: job.targetObjectId, targetObjectName: job.targetObjectName, targetInstanceType: 'ProtectionEntity' });

/** In its first seconds a job names neither its scenario nor its target. */
function freshProperties(job: JobRecord) {
  return {
    activityId: job.activityId,
    scenarioName: null,
    friendlyName: null,
    ...stateOf(job),
    tasks: [],
    errors: [],
    ...timesOf(job),
    allowedActions: [],
    targetObjectId: null,
    targetObjectName: null,
    targetInstanceType: 'ProtectionEntity',
    customDetails: { instanceType: 'AsrJobDetails', affectedObjectDetails: {} },
  };
}

export function jobBody(picture: JobPicture, freshHidesActivityId: boolean) {
  const { job, row, now, child } = picture;
  if (job.state === 'NotStarted') {
    const fresh = freshProperties(job);
    return envelope(picture, freshHidesActivityId ? { ...fresh, activityId: null } : fresh);
  }
  return envelope(picture, {
    activityId: job.activityId,
    scenarioName: row.scenarioName,
    friendlyName: row.friendlyName,
    ...stateOf(job),
    tasks: taskBodies(job, row, now, child),
    errors: errorsOf(job),
    ...timesOf(job),
    allowedActions: allowedActions(job),
    ...targetOf(job),
    customDetails: { instanceType: row.jobDetails, ...job.outcome, affectedObjectDetails: job.affectedObjects },
  });
}

/** Lists leave out what costs: no activity id, no tasks, no errors, no details. */
export function listedJobBody(picture: JobPicture) {
  const { job, row } = picture;
  if (job.state === 'NotStarted') return envelope(picture, { ...freshProperties(job), activityId: null, customDetails: null });
  return envelope(picture, {
    activityId: null,
    scenarioName: row.scenarioName,
    friendlyName: row.friendlyName,
    ...stateOf(job),
    tasks: [],
    errors: [],
    ...timesOf(job),
    allowedActions: allowedActions(job),
    ...targetOf(job),
    customDetails: null,
  });
}

export function operationStatusBody({ job }: JobPicture) {
  const { state } = job;
  const error = state === 'Failed' ? errorOf(job) : undefined;
  return {
    error: error ? { code: error.code, message: error.message, details: null } : null,
    id: null,
    name: job.id,
    properties: null,
    status: state,
    startTime: state === 'NotStarted' ? null : wireTime(job.acceptedAt),
    endTime: job.endedAt === null ? null : wireTimeCut(job.endedAt),
    percentComplete: null,
  };
}
