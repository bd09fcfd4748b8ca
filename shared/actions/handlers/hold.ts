// Handles holds: the wait before an automatic commit, and the time to live of test VMs.
// A person can end a hold early, or skip the steps that follow the hold.

import { drillEndOf, hasNoTestVm } from '../../plans/rules/timeToLive.ts';
import { findAnswer } from '../../journal/answers.ts';
import { readDrillStepSummaries } from '../../journal/steps.ts';
import {
  MAX_POLL_SECONDS,
  skipAction,
  rejectedFault,
  secondsUntil,
  succeed,
  type HoldWork,
  type ActionHandler,
  type NextActionPoll,
  type ActionContext,
} from '../../attempts/actionContext.ts';
import { waitEndOf } from './wait.ts';

export const holdHandler: ActionHandler = { runsExternally: false, poll: pollHold };

const holdWorkOf = ({ step: { id, work } }: ActionContext): HoldWork => {
  if (work.kind !== 'hold') throw new Error(`Step ${id} is no hold.`);
  return work;
};

async function pollHold(context: ActionContext): Promise<NextActionPoll> {
  const { minutes, why: purpose } = holdWorkOf(context);
  const answer = findAnswer(await context.answers(), context.step);
  const authorText = answer && `by ${answer.by.name}${answer.reason === null ? '.' : `: ${answer.reason}`}`;
  if (answer?.answer === 'skip')
    return skipAction(
      context,
      rejectedFault('SkippedByPerson', `What follows was left out ${String(authorText)}`),
    );
  if (answer?.answer === 'endNow') return succeed(context, `Ended ${String(authorText)}`);
  return purpose === 'timeToLive'
    ? pollDrillHold(context, minutes)
    : succeedAt(context, waitEndOf(context, minutes), `${minutes} minutes are over.`);
}

async function pollDrillHold(context: ActionContext, minutes: number): Promise<NextActionPoll> {
  const drillSteps = await readDrillStepSummaries(context.step.jobId);
  if (hasNoTestVm(drillSteps)) return succeed(context, 'Over at once: no test VM has come up.');
  const end = drillEndOf(drillSteps, minutes, context.step.startedAt ?? context.now.toISOString());
  return succeedAt(
    context,
    end,
    `The drill's time to live of ${minutes} minutes is over: its test VMs are cleaned up, ` +
      'and nothing waits any more.',
  );
}

function succeedAt(context: ActionContext, end: Date, log: string): Promise<NextActionPoll> {
  const secondsLeft = secondsUntil(end, context.now);
  return secondsLeft > 0 ? Promise.resolve(Math.min(secondsLeft, MAX_POLL_SECONDS)) : succeed(context, log);
}
