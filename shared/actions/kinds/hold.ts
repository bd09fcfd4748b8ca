// A run holds: before it commits by itself, or while test machines stand. A person may end it, or
// keep what follows from being done.
import { endOfDrill, isNothingUp } from '../../plans/rules/timeToLive.ts';
import { answerTo } from '../../journal/answers.ts';
import { drillMarksOf } from '../../journal/steps.ts';
import {
  LATEST,
  leaveOut,
  rejected,
  secondsUntil,
  succeed,
  type HoldWork,
  type Kind,
  type Next,
  type Turn,
} from '../../attempts/turn.ts';
import { endOf } from './wait.ts';

export const hold: Kind = { acts: false, follow };

const workOf = ({ step: { id, work } }: Turn): HoldWork => {
  if (work.kind !== 'hold') throw new Error(`Step ${id} is no hold.`);
  return work;
};

async function follow(turn: Turn): Promise<Next> {
  const { minutes, why } = workOf(turn);
  const given = answerTo(await turn.answers(), turn.step);
  const said = given && `by ${given.by.name}${given.reason === null ? '.' : `: ${given.reason}`}`;
  if (given?.answer === 'skip')
    return leaveOut(turn, rejected('SkippedByPerson', `What follows was left out ${String(said)}`));
  if (given?.answer === 'endNow') return succeed(turn, `Ended ${String(said)}`);
  return why === 'timeToLive'
    ? followDrill(turn, minutes)
    : endAt(turn, endOf(turn, minutes), `${minutes} minutes are over.`);
}

async function followDrill(turn: Turn, minutes: number): Promise<Next> {
  const marks = await drillMarksOf(turn.step.jobId);
  if (isNothingUp(marks)) return succeed(turn, 'Over at once: no test VM has come up.');
  const end = endOfDrill(marks, minutes, turn.step.startedAt ?? turn.now.toISOString());
  return endAt(
    turn,
    end,
    `The drill's time to live of ${minutes} minutes is over: its test VMs are cleaned up, ` +
      'and nothing waits any more.',
  );
}

function endAt(turn: Turn, end: Date, log: string): Promise<Next> {
  const left = secondsUntil(end, turn.now);
  return left > 0 ? Promise.resolve(Math.min(left, LATEST)) : succeed(turn, log);
}
