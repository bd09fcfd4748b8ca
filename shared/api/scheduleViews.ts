// What a caller sees of schedules and their occurrences.
import type { OccurrenceDocument, ScheduleDocument } from '../schedules/documents.ts';
import { jobPath } from './views.ts';

export const schedulePath = (planId: string, scheduleId: string): string =>
  `/api/v1/plans/${planId}/schedules/${scheduleId}`;

export const scheduleView = ({
  planId,
  scheduleId,
  version,
  schedule,
  grant,
  savedAt,
  decidedUpTo,
  nextAt,
}: ScheduleDocument) => ({
  id: scheduleId,
  plan: planId,
  version,
  schedule,
  savedAt,
  decidedUpTo,
  nextAt,
  /** In whose name it acts, with which roles, and until when: saving it again renews that. */
  actsFor: { id: grant.by.id, name: grant.by.name, roles: grant.by.roles, until: grant.until },
  links: {
    self: schedulePath(planId, scheduleId),
    occurrences: `${schedulePath(planId, scheduleId)}/occurrences`,
  },
});

export const occurrenceView = ({
  scheduleId,
  scheduleVersion,
  due,
  begin,
  outcome,
  jobId,
  code,
  message,
  details,
  decidedAt,
  cleanUpAt,
  cleanUp,
}: OccurrenceDocument) => ({
  schedule: scheduleId,
  version: scheduleVersion,
  due,
  begin,
  outcome,
  job: jobId,
  code,
  message,
  details,
  decidedAt,
  cleanUpAt,
  cleanUp: cleanUp && { job: cleanUp.jobId, message: cleanUp.message },
  links: jobId === null ? {} : { job: jobPath(jobId) },
});
