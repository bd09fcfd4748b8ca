// A plan waits so many minutes of story time.
import { later } from '../../core/clock.ts';
import { actionOf, secondsUntil, succeed, type Kind, type Next, type Turn } from '../../attempts/turn.ts';

export const wait: Kind = { acts: false, follow };

async function follow(turn: Turn): Promise<Next> {
  const { minutes } = actionOf(turn.step, 'wait');
  const left = secondsUntil(endOf(turn, minutes), turn.now);
  return left > 0 ? left : succeed(turn, `${minutes} minutes are over.`);
}

export const endOf = ({ step, now }: Turn, minutes: number): Date =>
  later(new Date(step.startedAt ?? now), minutes * 60);
