// Prints a job as the API does. A list shows few fields, a read by id shows all fields. In its
// first seconds a job shows almost no fields.

import { guidOf, formatTime, formatTimeToSecond } from './ids.ts';
import { errorOf, type JobError, type JobRecord } from './records.ts';
import type { OperationRow } from './provider-table.ts';
import { describeState, taskBodies, type FindJob } from './task-bodies.ts';
import type { Vault } from './vault.ts';

/** A job with its row of the table, and a lookup for its child jobs. */
export interface JobView {
  readonly job: JobRecord;
  readonly row: OperationRow;
  readonly vault: Vault;
  readonly now: number;
  readonly findChild: FindJob;
}

/** A refused job does not offer a restart. The other jobs offer the actions of their state. */
function allowedActions({ state, ending }: JobRecord): string[] {
  if (state === 'Suspended') return ['Resume', 'Cancel'];
  if (ending.kind === 'refused' || ending.kind === 'idle') return [];
  if (state === 'InProgress') return ['Cancel'];
  return state === 'Failed' || state === 'PartiallySucceeded' ? ['Restart'] : [];
}

function errorBody(
  job: JobRecord,
  { code, message, possibleCauses, recommendedAction }: JobError,
  errorLevel: 'Error' | 'Warning',
) {
  return {
    serviceErrorDetails: {
      code,
      message,
      possibleCauses,
      recommendedAction,
      activityId: job.activityId.split(' ').at(-1),
    },
    providerErrorDetails: {
      errorCode: 0,
      errorMessage: null,
      errorId: guidOf(job.id, 'error', code),
      possibleCauses: '',
      recommendedAction: '',
    },
    errorLevel,
    creationTime: formatTime(job.endedAt ?? job.acceptedAt),
    taskId: null,
  };
}

function errorsOf(job: JobRecord) {
  const error = job.endedAt === null ? undefined : errorOf(job);
  return [
    ...(error ? [errorBody(job, error, 'Error')] : []),
    ...job.warnings.map((warning) => errorBody(job, warning, 'Warning')),
  ];
}

const jobEnvelope = ({ job, vault }: JobView, properties: Record<string, unknown>) => ({
  id: vault.jobId(job.id),
  name: job.id,
  type: 'Microsoft.RecoveryServices/vaults/replicationJobs',
  properties,
});

const stateOf = ({ state }: JobRecord) => ({ state, stateDescription: describeState(state) });
const timesOf = (job: JobRecord) => ({
  startTime: formatTime(job.acceptedAt),
  ...(job.endedAt === null ? {} : { endTime: formatTime(job.endedAt) }),
});

const targetOf = ({ target }: JobRecord) => ({
  targetObjectId: target.id,
  targetObjectName: target.name,
  targetInstanceType: target.instanceType,
});

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

export function jobBody(picture: JobView, freshHidesActivityId: boolean) {
  const { job, row, now, findChild } = picture;
  if (job.state === 'NotStarted') {
    const fresh = freshProperties(job);
    return jobEnvelope(picture, freshHidesActivityId ? { ...fresh, activityId: null } : fresh);
  }
  return jobEnvelope(picture, {
    activityId: job.activityId,
    scenarioName: row.scenarioName,
    friendlyName: row.friendlyName,
    ...stateOf(job),
    tasks: taskBodies(job, row, now, findChild),
    errors: errorsOf(job),
    ...timesOf(job),
    allowedActions: allowedActions(job),
    ...targetOf(job),
    customDetails: {
      instanceType: row.jobDetails,
      ...job.outcome,
      affectedObjectDetails: job.target.affectedObjects,
    },
  });
}

/** Lists omit the expensive fields: activity id, tasks, errors and details. */
export function listedJobBody(picture: JobView) {
  const { job, row } = picture;
  if (job.state === 'NotStarted')
    return jobEnvelope(picture, { ...freshProperties(job), activityId: null, customDetails: null });
  return jobEnvelope(picture, {
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

/** The status names of long-running operations. They have fewer states than jobs. */
const OPERATION_STATUSES: Partial<Record<JobRecord['state'], string>> = {
  Suspended: 'InProgress',
  PartiallySucceeded: 'Succeeded',
};

/** A successful operation may carry an error too. */
export function operationStatusBody({ job }: JobView) {
  const { state } = job;
  const error = job.endedAt === null ? undefined : (errorOf(job) ?? job.warnings[0]);
  return {
    error: error ? { code: error.code, message: error.message, details: null } : null,
    id: null,
    name: job.id,
    properties: null,
    status: OPERATION_STATUSES[state] ?? state,
    startTime: state === 'NotStarted' ? null : formatTime(job.acceptedAt),
    endTime: job.endedAt === null ? null : formatTimeToSecond(job.endedAt),
    percentComplete: null,
  };
}
