// Which state may follow which, and by whom: an end stays an end, and every state has a way to one.
import { ATTEMPT_MOVES, AttemptState, isUndecided } from '../../../shared/core/states/attempt.ts';
import {
  isFinalJob,
  JOB_MOVES,
  JobState,
  mayBeRetried,
  OPEN_JOB_STATES,
} from '../../../shared/core/states/job.ts';
import { mustMove, type Moves } from '../../../shared/core/states/moves.ts';
import { hasEnded, NODE_MOVES, NodeState, nodeStateOf, STANDING } from '../../../shared/core/states/node.ts';
import {
  hasBegun,
  isAtTurn,
  isFinalStep,
  isGoodStep,
  isLeftOverState,
  isNotBegun,
  STEP_MOVES,
  StepState,
  type StepMover,
} from '../../../shared/core/states/step.ts';

const movesOf = <State extends string, Mover extends string>(moves: Moves<State, Mover>) =>
  (Object.keys(moves) as State[]).flatMap((from) =>
    (Object.entries(moves[from]) as [State, readonly Mover[]][]).map(([to, movers]) => ({
      from,
      to,
      movers,
    })),
  );

test('an attempt that has ended stays as it ended, and nothing is sent that was not prepared [OP-6]', () => {
  expect([ATTEMPT_MOVES.accepted, ATTEMPT_MOVES.notAccepted]).toEqual([{}, {}]);
  expect(movesOf(ATTEMPT_MOVES).filter(({ to }) => to === 'sending')).toEqual([
    { from: 'prepared', to: 'sending', movers: ['sender'] },
  ]);
  expect(Object.values(AttemptState).filter(isUndecided)).toEqual(['sending', 'unknown']);
});

test('only proof ends an attempt whose answer is not known [OP-6]', () => {
  expect(movesOf(ATTEMPT_MOVES).filter(({ from }) => from === 'unknown')).toEqual([
    { from: 'unknown', to: 'accepted', movers: ['proof'] },
    { from: 'unknown', to: 'notAccepted', movers: ['proof'] },
  ]);
});

test('a job that is complete stays so, and only a retry opens one with something left over [OP-6]', () => {
  const of = (is: (state: JobState) => boolean) => Object.values(JobState).filter(is);
  expect(JOB_MOVES.completed).toEqual({});
  expect(OPEN_JOB_STATES).toEqual(['accepted', 'running']);
  expect(of(isFinalJob)).toEqual(['completed', 'completedWithExceptions', 'failed', 'cancelled']);
  expect(of(mayBeRetried)).toEqual(['completedWithExceptions', 'failed', 'cancelled']);
  for (const state of of(mayBeRetried)) expect(JOB_MOVES[state]).toEqual({ accepted: ['retry'] });
});

test('each state of a step belongs to one stage', () => {
  const of = (is: (state: StepState) => boolean) => Object.values(StepState).filter(is);
  expect(of(isNotBegun)).toEqual(['planned', 'waiting']);
  expect(of(hasBegun)).toEqual(['started', 'settling', 'following']);
  expect(of(isAtTurn)).toEqual(['waiting', 'started', 'settling', 'following']);
  expect(of(isGoodStep)).toEqual(['succeeded', 'alreadySo', 'takenOver']);
  expect(of(isLeftOverState)).toEqual(['failed', 'skipped', 'leftRunning']);
  expect(of(isFinalStep)).toEqual([...of(isGoodStep), ...of(isLeftOverState)]);
});

test('only a person or a retry moves a step that has ended, and every other step can reach an end', () => {
  const reopening: readonly StepMover[] = ['person', 'retry'];
  for (const { from, movers } of movesOf(STEP_MOVES))
    expect(movers.every((mover) => reopening.includes(mover))).toBe(isFinalStep(from));
  for (const state of Object.values(StepState)) {
    const reached = new Set<StepState>([state]);
    for (const from of reached) for (const to of Object.keys(STEP_MOVES[from])) reached.add(to as StepState);
    expect([...reached].some(isFinalStep)).toBe(true);
  }
});

test('a step that Azure may work on is never back where it may be left out without work on it', () => {
  for (const { from, to, movers } of movesOf(STEP_MOVES))
    if (hasBegun(from) && isNotBegun(to)) expect(movers).toEqual(['work']);
});

test('the state of a node follows each move of its step', () => {
  const codes = [undefined, 'TimedOut', 'JobCancelled'];
  const isReopening = (movers: readonly StepMover[]) =>
    !movers.some((one) => one === 'work' || one === 'turn');
  let seen = 0;
  for (const { from, to, movers } of movesOf(STEP_MOVES).filter((one) => !isReopening(one.movers)))
    for (const code of codes)
      for (const isLate of [false, true]) {
        const [before, after] = [nodeStateOf(from, undefined, isLate), nodeStateOf(to, code, isLate)];
        if (before === undefined || before === after) continue;
        expect([from, to, movers, after !== undefined && NODE_MOVES[before][after]]).toEqual([
          from,
          to,
          movers,
          expect.arrayContaining(['step']),
        ]);
        seen++;
      }
  expect(seen).toBeGreaterThan(20);
  expect(nodeStateOf('started', undefined, true)).toBe('timedOut');
  expect(NODE_MOVES.running.timedOut).toContain('clock');
});

test('a node that has begun and is over has ended, whether well or not', () => {
  expect(Object.values(NodeState).filter(hasEnded)).toEqual(['succeeded', 'failed', 'timedOut']);
  expect(hasEnded(undefined)).toBe(false);
  expect(Object.values(NodeState).filter((state) => STANDING[state] === 'open')).toEqual(['running']);
});

test('a move that a table does not have is refused by name, and so is another mover', () => {
  expect(() => mustMove('step', STEP_MOVES, 'work', 'succeeded', 'failed')).toThrow(
    'A step may not go from succeeded to failed. Nothing was written.',
  );
  expect(() => mustMove('step', STEP_MOVES, 'work', 'failed', 'planned')).toThrow(
    'A step may not go from failed to planned by "work", only by person or retry. Nothing was written.',
  );
  expect(() => mustMove('job', JOB_MOVES, 'close', 'failed', 'accepted')).toThrow('only by retry');
  for (const [kind, moves] of Object.entries({ JOB_MOVES, STEP_MOVES, ATTEMPT_MOVES, NODE_MOVES }))
    for (const { from, to, movers } of movesOf(moves as Moves<string, string>))
      for (const mover of movers)
        expect(() => mustMove(kind, moves as Moves<string, string>, mover, from, to)).not.toThrow();
});
