// Handles wait actions: the plan waits some minutes of simulated time.

import { addSeconds } from '../../core/clock.ts';
import {
  actionOf,
  secondsUntil,
  succeed,
  type ActionHandler,
  type NextActionPoll,
  type ActionContext,
} from '../../attempts/actionContext.ts';

export const waitHandler: ActionHandler = { runsExternally: false, poll: pollWait };

async function pollWait(context: ActionContext): Promise<NextActionPoll> {
  const { minutes } = actionOf(context.step, 'wait');
  const secondsLeft = secondsUntil(waitEndOf(context, minutes), context.now);
  return secondsLeft > 0 ? secondsLeft : succeed(context, `${minutes} minutes are over.`);
}

export const waitEndOf = ({ step, now }: ActionContext, minutes: number): Date =>
  addSeconds(new Date(step.startedAt ?? now), minutes * 60);
