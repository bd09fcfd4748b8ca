// A run holds: before it commits by itself, or while test machines stand. A person may end it, or keep what follows from being done.
import { answerTo } from '../../store/answers.ts';
import { LATEST, leaveOut, rejected, secondsUntil, succeed, type HoldWork, type Kind, type Next, type Turn } from '../turn.ts';
import { endOf } from './wait.ts';

export const hold: Kind = { acts: false, follow };

const workOf = ({ step: { id, work } }: Turn): HoldWork => {
  if (work.kind !== 'hold') throw new Error(`Step ${id} is no hold.`);
  return work;
};

async function follow(turn: Turn): Promise<Next> {
  const { minutes } = workOf(turn);
  const answer = answerTo(await turn.answers(), turn.step);
  const said = answer && `by ${answer.by.name}${answer.reason === null ? '.' : `: ${answer.reason}`}`;
  if (answer?.word === 'leaveOut') return leaveOut(turn, rejected('SkippedByPerson', `What follows was left out ${String(said)}`));
  if (answer?.word === 'endNow') return succeed(turn, `Ended ${String(said)}`);
  const left = secondsUntil(endOf(turn, minutes), turn.now);
  return left > 0 ? Math.min(left, LATEST) : succeed(turn, `${minutes} minutes are over.`);
}
