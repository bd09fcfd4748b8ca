// Schedules are saved, changed and removed like plans: under If-Match, by somebody who may do by
// hand what they do by the calendar.
import * as z from 'zod';
import { giveGrant } from '../access/grant.ts';
import { clock } from '../core/clock.ts';
import { commandSchemaFor, isOnPlan, type Command } from '../commands/command.ts';
import { keepsTimes, Schedule } from './rules/schedule.ts';
import { vmsOf } from '../plans/rules/runs.ts';
import { rejected } from '../core/errors.ts';
import { changedMeanwhile, mustHaveRead } from '../core/conditions.ts';
import { parse } from '../core/parse.ts';
import type { Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { Caller } from '../access/caller.ts';
import type { PlanDocument } from '../plans/documents.ts';
import type { ScheduleDocument } from './documents.ts';
import { readPlan } from '../plans/store.ts';
import { putSchedule, readSchedule, removeSchedule, scheduleDocumentId } from './store.ts';
import { decideDue, givenUp, nextAtOf } from './decide.ts';

export const ScheduleId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be 1 to 40 small letters, digits and hyphens');

const called = (scheduleId: string) => ({ noun: 'Schedule', name: `the schedule ${scheduleId}` });
const MOST_TRIES = 5;

export async function planNamed(planId: string): Promise<Stored<PlanDocument>> {
  const plan = await readPlan(planId);
  if (!plan)
    throw rejected(
      404,
      'PlanUnknown',
      `There is no plan ${planId}. GET /api/v1/plans lists those that there are.`,
    );
  return plan;
}

export async function scheduleNamed(planId: string, scheduleId: string): Promise<Stored<ScheduleDocument>> {
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

export async function saveSchedule(
  planId: string,
  scheduleId: string,
  body: unknown,
  ifMatch: string | null,
  caller: Caller,
): Promise<ScheduleDocument> {
  const plan = await planNamed(planId);
  const schedule = parse(Schedule, body, 'The schedule');
  const command = commandOf(plan, schedule);
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const before = await upToDate(planId, scheduleId, ifMatch);
    const now = await clock().now();
    const carriedOver = before && keepsTimes(before.schedule, schedule);
    const decidedUpTo = carriedOver ? before.decidedUpTo : now.toISOString();
    const next: ScheduleDocument = {
      id: scheduleDocumentId(scheduleId),
      type: 'schedule',
      schema: SCHEMA,
      planId,
      scheduleId,
      version: (before?.version ?? 0) + 1,
      schedule,
      command,
      grant: giveGrant(caller, command, now),
      savedAt: now.toISOString(),
      decidedUpTo,
      nextAt: nextAtOf({ planId, scheduleId, schedule }, Date.parse(decidedUpTo)),
    };
    if (await putSchedule(next, before, before && !carriedOver ? givenUp(before, now, 'changed') : []))
      return next;
  }
  throw changedMeanwhile(called(scheduleId), await readSchedule(planId, scheduleId));
}

export async function deleteSchedule(
  planId: string,
  scheduleId: string,
  ifMatch: string | null,
): Promise<void> {
  await scheduleNamed(planId, scheduleId);
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const before = await upToDate(planId, scheduleId, ifMatch);
    if (!before) return;
    if (await removeSchedule(before, givenUp(before, await clock().now(), 'removed'))) return;
  }
  throw changedMeanwhile(called(scheduleId), await readSchedule(planId, scheduleId));
}

/**
 * As it is now, with everything that was due up to this moment decided: what a change would leave
 * undecided would be lost without a word.
 */
async function upToDate(
  planId: string,
  scheduleId: string,
  ifMatch: string | null,
): Promise<Stored<ScheduleDocument> | undefined> {
  let before = await readSchedule(planId, scheduleId);
  mustHaveRead(called(scheduleId), before, ifMatch);
  const now = await clock().now();
  // One look decides so many only. What is to be begun of it is begun by the timer.
  for (
    let decidedUpTo: string | undefined;
    before?.nextAt && Date.parse(before.nextAt) <= now.getTime() && before.decidedUpTo !== decidedUpTo;
  ) {
    decidedUpTo = before.decidedUpTo;
    await decideDue(before, now);
    before = await readSchedule(planId, scheduleId);
  }
  return before;
}

/** A drill of this plan, and of nothing else: of the whole, or of VMs that it has. */
function commandOf({ planId, plan }: PlanDocument, { command: wish }: Schedule): Command {
  const whole = 'vms' in wish ? wish : { plan: planId, ...wish };
  const command = parse(commandSchemaFor(whole), whole, 'The command');
  if (isOnPlan(command)) {
    if (command.plan !== planId)
      throw rejected(
        422,
        'OtherPlan',
        `This is a schedule of the plan ${planId}, and the command names ${command.plan}. ` +
          'Nothing was saved. Save it with that plan.',
      );
    return command;
  }
  const known = new Set(vmsOf(plan));
  const others = command.vms.filter((vm) => typeof vm !== 'string' || !known.has(vm));
  if (others.length > 0)
    throw rejected(
      422,
      'VmNotInPlan',
      `The plan ${planId} does not have ${others.length} of the VMs that the command names. ` +
        'Nothing was saved.',
      { vms: others },
    );
  return command;
}
