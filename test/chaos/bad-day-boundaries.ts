// Where the app may die on the bad days of a plan: a drill that makes way, a step that fails and
// what a person says to it, a run held up, given up and tried again, a commit window.
import { arm, jobs, registry, write, type Boundary, type Where } from './boundaries.ts';

interface Place {
  /** The ids of the VMs that are drilled. */
  readonly drilled: readonly string[];
}
export type BadBoundary = Boundary<Place>;

const at = (name: string, where: Where | ((place: Place) => Where)): BadBoundary[] =>
  write<Place>(name, typeof where === 'function' ? where : () => where);
const step = (...parts: readonly string[]): Where => jobs(['"type":"step"', ...parts].join('.*'));
const job = (...parts: readonly string[]): Where => jobs(['"type":"job"', ...parts].join('.*'));
const control = (wish: string): Where => jobs(`"type":"control".*"wish":"${wish}"`);
const answer = (given: string): Where => jobs(`"type":"answer".*"answer":"${given}"`);

/**
 * A disaster during a drill: asked to make way, what of it is left out, its VMs given back, taken,
 * cleaned up and brought over.
 */
export const MAKES_WAY: readonly BadBoundary[] = [
  ...at('drill asked to make way', jobs('"type":"control".*"yieldTo":"')),
  // One of the VMs is held by nobody: it is taken at once, and kept while the others are waited for.
  ...at('free VM taken', registry('"operationType":"Create".*lock:')),
  ...at('VMs taken that the drill gave back', { ...registry('"operationType":"Create".*lock:'), skip: 1 }),
  ...at("drill's step left out", step('"phase":"testFailover"', '"state":"skipped"')),
  ...at("drill's question given up", step('"phase":"action"', '"state":"skipped"')),
  ...at("drill's VMs given back", ({ drilled }) =>
    registry(`"operationType":"Delete".*lock:(${drilled.join('|')})`),
  ),
  ...at('drill closed', job('"state":"cancelled"')),
  ...at('clean-up laid out', jobs('"operationType":"Create".*"type":"step".*"phase":"cleanUpTestFailover"')),
  ...at('clean-up sent', arm('POST', '/testFailoverCleanup(\\?|$)')),
  ...at('clean-up ended', step('"phase":"cleanUpTestFailover"', '"state":"succeeded"')),
];

const FAILED: readonly BadBoundary[] = [
  ...at('failure recorded', step('"phase":"failover"', '"state":"failed"')),
  ...at('asked about', job('"needs":\\[\\{[^\\]]*"kind":"failure"')),
];

export const TRIED_AGAIN: readonly BadBoundary[] = [
  ...FAILED,
  ...at('"try again" kept', answer('tryAgain')),
  ...at('step planned again', step('"state":"planned".*"tries":1')),
  ...at('its second attempt prepared', jobs('"type":"attempt".*"number":2,.*"state":"prepared"')),
  ...at('its second write', { ...arm('POST', '/unplannedFailover(\\?|$)'), skip: 2 }),
];

const RETRIED: readonly BadBoundary[] = [
  ...at('accepted again', job('"epoch":2,"state":"accepted"')),
  ...at('running again', job('"epoch":2,"state":"running"')),
  ...at('VMs locked again', registry('"type":"lock".*"epoch":2')),
  ...at('steps raised', jobs('"operationType":"Replace".*"type":"step".*"epoch":2,.*"state":"planned"')),
  ...at('closed at last', job('"epoch":2,"state":"completed"')),
];

export const GONE_ON: readonly BadBoundary[] = [
  ...at('"go on" kept', answer('goOn')),
  ...at('closed with exceptions', job('"state":"completedWithExceptions"')),
  ...RETRIED,
];

export const STOPPED: readonly BadBoundary[] = [
  ...at('"stop" kept', answer('stop')),
  ...at('what comes after left out', step('"phase":"failover"', '"state":"skipped"')),
  ...RETRIED,
];

export const HELD_UP: readonly BadBoundary[] = [
  ...at('paused', control('paused')),
  ...at('resumed', control('running')),
  ...at('cancelled', control('cancelled')),
  ...at('left out', step('"state":"skipped"')),
  ...at('closed as cancelled', job('"state":"cancelled"')),
  ...at('cancelled no more', { ...control('running'), skip: 1 }),
  ...RETRIED,
];

/** What a person could not do, and what two persons must say. */
export const ASKED_OF_PERSONS: readonly BadBoundary[] = [
  ...at('"not done" kept', answer('notDone')),
  ...at('failed for it', step('"phase":"action"', '"state":"failed"')),
  ...at('to be done again', step('"phase":"action"', '"state":"planned"', '"tries":1')),
  ...at('first vote kept', answer('approved')),
  ...at('second vote kept', { ...answer('approved'), skip: 1 }),
  ...at('approved', jobs('"type":"step".*"name":"Two say yes".*"state":"succeeded"')),
];

export const LEFT_OUT: readonly BadBoundary[] = [
  ...at('left out by a person', step('"state":"skipped"', '"code":"SkippedByPerson"')),
  ...at('closed with exceptions', job('"state":"completedWithExceptions"')),
  ...RETRIED,
];

const openedAs = (state: string): Where => jobs(`"type":"step".*"state":"${state}".*"node":"window"`);

export const RUNS_OUT: readonly BadBoundary[] = [
  ...at('window opened', openedAs('started')),
  ...at('window over', openedAs('succeeded')),
  ...at('given up: its turn', step('"phase":"cancelFailover"', '"state":"waiting"')),
  ...at('given up: sent', { ...arm('POST', '/(failoverCancel|cancelFailover)(\\?|$)'), skip: 1 }),
  ...at('given up: ended', step('"phase":"cancelFailover"', '"state":"succeeded"')),
];

export const LEFT_OPEN: readonly BadBoundary[] = [
  ...at('window asked about', job('"needs":\\[\\{[^\\]]*"kind":"hold"')),
  ...at('"leave out" kept', answer('skip')),
  ...at('window left out', openedAs('skipped')),
  ...at('what it was for left out', step('"phase":"cancelFailover"', '"state":"skipped"')),
];

export const COMMITS: readonly BadBoundary[] = [
  ...at('"end now" kept', answer('endNow')),
  ...at('committed: its turn', step('"phase":"commit"', '"state":"waiting"')),
  ...at('committed: sent', { ...arm('POST', '/failoverCommit(\\?|$)'), skip: 1 }),
  ...at('committed: ended', step('"phase":"commit"', '"state":"succeeded"')),
];
