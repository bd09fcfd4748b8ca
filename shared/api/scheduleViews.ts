// The public form of schedules and their starts. The schedule routes call this module.
import type { OccurrenceDocument, ScheduleDocument } from '../schedules/documents.ts';
import { nextPossibleStartAt } from '../schedules/decideStarts.ts';
import { jobPath } from './views.ts';

/** The path of a schedule in the API. */
export const schedulePath = (planId: string, scheduleId: string): string =>
  `/api/v1/plans/${planId}/schedules/${scheduleId}`;

/** The public form of a schedule. */
export const scheduleView = (document: ScheduleDocument) => {
  const { planId, scheduleId, version, schedule, grant, savedAt, decidedUpTo } = document;
  return {
    id: scheduleId,
    plan: planId,
    version,
    schedule,
    savedAt,
    decidedUpTo,
    nextAt: nextPossibleStartAt(document),
    /**
     * The schedule acts in the name of this person, with these roles, until this time. Saving the
     * schedule again renews the grant.
     */
    actsFor: { id: grant.by.id, name: grant.by.name, roles: grant.by.roles, until: grant.until },
    links: {
      self: schedulePath(planId, scheduleId),
      occurrences: `${schedulePath(planId, scheduleId)}/occurrences`,
    },
  };
};

/** The public form of one start of a schedule. */
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
