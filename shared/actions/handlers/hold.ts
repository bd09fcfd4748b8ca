// A run holds: before it commits by itself, or while test machines stand. A person may end it, or
// keep what follows from being done.
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
  const given = findAnswer(await context.answers(), context.step);
  const byWhomText = given && `by ${given.by.name}${given.reason === null ? '.' : `: ${given.reason}`}`;
  if (given?.answer === 'skip')
    return skipAction(
      context,
      rejectedFault('SkippedByPerson', `What follows was left out ${String(byWhomText)}`),
    );
  if (given?.answer === 'endNow') return succeed(context, `Ended ${String(byWhomText)}`);
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
