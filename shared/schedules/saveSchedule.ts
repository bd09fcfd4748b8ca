// Saves, changes and deletes the schedules of a plan, with If-Match as for plans.
// The schedule routes call this module.
// The caller needs the right to send the schedule's command by hand.

import * as z from 'zod';
import { createGrant } from '../access/grant.ts';
import { clock } from '../core/clock.ts';
import { commandSchemaFor, isPlanCommand, type Command } from '../commands/command.ts';
import { hasSameTimes, Schedule } from './rules/schedule.ts';
import { vmsOfPlan } from '../plans/rules/planRuns.ts';
import { rejected } from '../core/errors.ts';
import { changedByOthers, assertIfMatch } from '../core/etags.ts';
import { parseInput } from '../core/parse.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { Caller } from '../access/caller.ts';
import type { PlanDocument } from '../plans/documents.ts';
import type { ScheduleDocument } from './documents.ts';
import { readPlan } from '../plans/store.ts';
import { saveScheduleDocument, readSchedule, removeScheduleDocument, scheduleDocumentId } from './store.ts';
import { decideDueStarts, givenUpOccurrences, nextStartAt } from './decideStarts.ts';

/** The id of a schedule in a route path. */
export const ScheduleId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be 1 to 40 small letters, digits and hyphens');

const scheduleLabelOf = (scheduleId: string) => ({ noun: 'Schedule', name: `the schedule ${scheduleId}` });
const MAX_TRIES = 5;

/** Reads a plan. Rejects an unknown plan with 404. */
export async function requirePlan(planId: string): Promise<WithEtag<PlanDocument>> {
  const plan = await readPlan(planId);
  if (!plan)
    throw rejected(
      404,
      'PlanUnknown',
      `There is no plan ${planId}. GET /api/v1/plans lists those that there are.`,
    );
  return plan;
}

/** Reads a schedule of a plan. Rejects an unknown schedule with 404. */
export async function requireSchedule(
  planId: string,
  scheduleId: string,
): Promise<WithEtag<ScheduleDocument>> {
  const schedule = await readSchedule(planId, scheduleId);
  if (!schedule)
    throw rejected(
      404,
      'ScheduleUnknown',
      `The plan ${planId} has no schedule ${scheduleId}. GET /api/v1/plans/${planId}/schedules ` +
        'lists those that it has.',
    );
  return schedule;
}

/** Creates or changes a schedule. Rejects a wrong If-Match and an invalid command. */
export async function saveSchedule(
  planId: string,
  scheduleId: string,
  body: unknown,
  ifMatch: string | null,
  caller: Caller,
): Promise<ScheduleDocument> {
  const plan = await requirePlan(planId);
  const schedule = parseInput(Schedule, body, 'The schedule');
  const command = drillCommandOf(plan, schedule);
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const before = await readDecidedSchedule(planId, scheduleId, ifMatch);
    const now = await clock().now();
    const isCarriedOver = before && hasSameTimes(before.schedule, schedule);
    const decidedUpTo = isCarriedOver ? before.decidedUpTo : now.toISOString();
    const next: ScheduleDocument = {
      id: scheduleDocumentId(scheduleId),
      type: 'schedule',
      schema: SCHEMA_VERSION,
      planId,
      scheduleId,
      version: (before?.version ?? 0) + 1,
      schedule,
      command,
      grant: createGrant(caller, command, now),
      savedAt: now.toISOString(),
      decidedUpTo,
      nextAt: nextStartAt({ planId, scheduleId, schedule }, Date.parse(decidedUpTo)),
    };
    if (
      await saveScheduleDocument(
        next,
        before,
        before && !isCarriedOver ? givenUpOccurrences(before, now, 'changed') : [],
      )
    )
      return next;
  }
  throw changedByOthers(scheduleLabelOf(scheduleId), await readSchedule(planId, scheduleId));
}

/** Deletes a schedule. Its waiting starts become missed. */
export async function deleteSchedule(
  planId: string,
  scheduleId: string,
  ifMatch: string | null,
): Promise<void> {
  await requireSchedule(planId, scheduleId);
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const before = await readDecidedSchedule(planId, scheduleId, ifMatch);
    if (!before) return;
    if (await removeScheduleDocument(before, givenUpOccurrences(before, await clock().now(), 'removed')))
      return;
  }
  throw changedByOthers(scheduleLabelOf(scheduleId), await readSchedule(planId, scheduleId));
}

/**
 * Reads the schedule after a decision about every due start. Without this decision, a change would
 * lose the undecided starts silently.
 */
async function readDecidedSchedule(
  planId: string,
  scheduleId: string,
  ifMatch: string | null,
): Promise<WithEtag<ScheduleDocument> | undefined> {
  let before = await readSchedule(planId, scheduleId);
  assertIfMatch(scheduleLabelOf(scheduleId), before, ifMatch);
  const now = await clock().now();
  // One call decides only a limited number of starts. The timer starts the decided occurrences.
  for (
    let decidedUpTo: string | undefined;
    before?.nextAt && Date.parse(before.nextAt) <= now.getTime() && before.decidedUpTo !== decidedUpTo;
  ) {
    decidedUpTo = before.decidedUpTo;
    await decideDueStarts(before, now);
    before = await readSchedule(planId, scheduleId);
  }
  return before;
}

/** The command must be a drill of this plan: of the whole plan, or of VMs in this plan. */
function drillCommandOf({ planId, plan }: PlanDocument, { command: request }: Schedule): Command {
  const fullRequest = 'vms' in request ? request : { plan: planId, ...request };
  const command = parseInput(commandSchemaFor(fullRequest), fullRequest, 'The command');
  if (isPlanCommand(command)) {
    if (command.plan !== planId)
      throw rejected(
        422,
        'OtherPlan',
        `This is a schedule of the plan ${planId}, and the command names ${command.plan}. ` +
          'Nothing was saved. Save it with that plan.',
      );
    return command;
  }
  const planVms = new Set(vmsOfPlan(plan));
  const otherVms = command.vms.filter((id) => !planVms.has(id));
  if (otherVms.length > 0)
    throw rejected(
      422,
      'VmNotInPlan',
      `The plan ${planId} does not have ${otherVms.length} of the VMs that the command names. ` +
        'Nothing was saved.',
      { vms: otherVms },
    );
  return command;
}
