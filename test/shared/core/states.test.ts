// The allowed transitions and their actors: an end stays an end, and every state can reach an end.
import { ATTEMPT_TRANSITIONS, AttemptState, isUndecided } from '../../../shared/core/states/attempt.ts';
import {
  isFinalJobState,
  JOB_TRANSITIONS,
  JobState,
  mayBeRetried,
  OPEN_JOB_STATES,
} from '../../../shared/core/states/job.ts';
import { assertTransition, type Transitions } from '../../../shared/core/states/transitions.ts';
import {
  hasNodeEnded,
  NODE_TRANSITIONS,
  NodeState,
  nodeStateOf,
  NODE_PROGRESS,
} from '../../../shared/core/states/node.ts';
import {
  hasBegun,
  isDueOrBegun,
  isFinalStepState,
  isSuccessfulStepState,
  isUnsuccessfulStepState,
  isNotBegun,
  STEP_TRANSITIONS,
  StepState,
  type StepTransitionCause,
} from '../../../shared/core/states/step.ts';

const movesOf = <State extends string, Mover extends string>(moves: Transitions<State, Mover>) =>
  (Object.keys(moves) as State[]).flatMap((from) =>
    (Object.entries(moves[from]) as [State, readonly Mover[]][]).map(([to, movers]) => ({
      from,
      to,
      movers,
    })),
  );

test('an ended attempt stays ended, and nothing goes out without preparation [OP-6]', () => {
  expect([ATTEMPT_TRANSITIONS.accepted, ATTEMPT_TRANSITIONS.notAccepted]).toEqual([{}, {}]);
  expect(movesOf(ATTEMPT_TRANSITIONS).filter(({ to }) => to === 'sending')).toEqual([
    { from: 'prepared', to: 'sending', movers: ['sender'] },
  ]);
  expect(Object.values(AttemptState).filter(isUndecided)).toEqual(['sending', 'unknown']);
});

test('only proof ends an attempt with an unknown answer [OP-6]', () => {
  expect(movesOf(ATTEMPT_TRANSITIONS).filter(({ from }) => from === 'unknown')).toEqual([
    { from: 'unknown', to: 'accepted', movers: ['proof'] },
    { from: 'unknown', to: 'notAccepted', movers: ['proof'] },
  ]);
});

test('a complete job stays complete, and only a retry opens a job with remaining work [OP-6]', () => {
  const of = (is: (state: JobState) => boolean) => Object.values(JobState).filter(is);
  expect(JOB_TRANSITIONS.completed).toEqual({});
  expect(OPEN_JOB_STATES).toEqual(['accepted', 'running']);
  expect(of(isFinalJobState)).toEqual(['completed', 'completedWithExceptions', 'failed', 'cancelled']);
  expect(of(mayBeRetried)).toEqual(['completedWithExceptions', 'failed', 'cancelled']);
  for (const state of of(mayBeRetried)) expect(JOB_TRANSITIONS[state]).toEqual({ accepted: ['retry'] });
});

test('each state of a step belongs to one stage', () => {
  const of = (is: (state: StepState) => boolean) => Object.values(StepState).filter(is);
  expect(of(isNotBegun)).toEqual(['planned', 'waiting']);
  expect(of(hasBegun)).toEqual(['started', 'settling', 'following']);
  expect(of(isDueOrBegun)).toEqual(['waiting', 'started', 'settling', 'following']);
  expect(of(isSuccessfulStepState)).toEqual(['succeeded', 'alreadySo', 'takenOver']);
  expect(of(isUnsuccessfulStepState)).toEqual(['failed', 'skipped', 'leftRunning']);
  expect(of(isFinalStepState)).toEqual([...of(isSuccessfulStepState), ...of(isUnsuccessfulStepState)]);
});

test('only a person or a retry moves an ended step, and every other step can reach an end', () => {
  const reopening: readonly StepTransitionCause[] = ['person', 'retry'];
  for (const { from, movers } of movesOf(STEP_TRANSITIONS))
    expect(movers.every((mover) => reopening.includes(mover))).toBe(isFinalStepState(from));
  for (const state of Object.values(StepState)) {
    const reached = new Set<StepState>([state]);
    for (const from of reached)
      for (const to of Object.keys(STEP_TRANSITIONS[from])) reached.add(to as StepState);
    expect([...reached].some(isFinalStepState)).toBe(true);
  }
});

test('a step that Azure may work on never returns to a state that allows a skip', () => {
  for (const { from, to, movers } of movesOf(STEP_TRANSITIONS))
    if (hasBegun(from) && isNotBegun(to)) expect(movers).toEqual(['work']);
});

test('the state of a node follows each transition of its step', () => {
  const codes = [undefined, 'TimedOut', 'JobCancelled'];
  const isReopening = (movers: readonly StepTransitionCause[]) =>
    !movers.some((mover) => mover === 'work' || mover === 'turn');
  let seen = 0;
  for (const { from, to, movers } of movesOf(STEP_TRANSITIONS).filter(
    (candidate) => !isReopening(candidate.movers),
  ))
    for (const code of codes)
      for (const isLate of [false, true]) {
        const [before, after] = [nodeStateOf(from, undefined, isLate), nodeStateOf(to, code, isLate)];
        if (before === undefined || before === after) continue;
        expect([from, to, movers, after !== undefined && NODE_TRANSITIONS[before][after]]).toEqual([
          from,
          to,
          movers,
          expect.arrayContaining(['step']),
        ]);
        seen++;
      }
  expect(seen).toBeGreaterThan(20);
  expect(nodeStateOf('started', undefined, true)).toBe('timedOut');
  expect(NODE_TRANSITIONS.running.timedOut).toContain('clock');
});

test('a started node that is over has ended, with success or failure', () => {
  expect(Object.values(NodeState).filter(hasNodeEnded)).toEqual(['succeeded', 'failed', 'timedOut']);
  expect(hasNodeEnded(undefined)).toBe(false);
  expect(Object.values(NodeState).filter((state) => NODE_PROGRESS[state] === 'open')).toEqual(['running']);
});

test('an unknown transition fails by name, and so does another actor', () => {
  expect(() => assertTransition('step', STEP_TRANSITIONS, 'work', 'succeeded', 'failed')).toThrow(
    'A step may not go from succeeded to failed. Nothing was written.',
  );
  expect(() => assertTransition('step', STEP_TRANSITIONS, 'work', 'failed', 'planned')).toThrow(
    'A step may not go from failed to planned by "work", only by person or retry. Nothing was written.',
  );
  expect(() => assertTransition('job', JOB_TRANSITIONS, 'close', 'failed', 'accepted')).toThrow(
    'only by retry',
  );
  for (const [kind, moves] of Object.entries({
    JOB_MOVES: JOB_TRANSITIONS,
    STEP_MOVES: STEP_TRANSITIONS,
    ATTEMPT_MOVES: ATTEMPT_TRANSITIONS,
    NODE_MOVES: NODE_TRANSITIONS,
  }))
    for (const { from, to, movers } of movesOf(moves as Transitions<string, string>))
      for (const mover of movers)
        expect(() =>
          assertTransition(kind, moves as Transitions<string, string>, mover, from, to),
        ).not.toThrow();
});
