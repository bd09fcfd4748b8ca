// The boundaries at which the app may die in difficult runs of a plan. These runs are a drill that
// yields, a failed step with an answer, and a commit window. In one run a person pauses, cancels
// and retries.
import {
  armRequest,
  jobsRequest,
  registryRequest,
  writeBoundaries,
  type Boundary,
  type RequestFilter,
} from './boundaries.ts';

interface DrilledVms {
  /** The ids of the VMs in the drill. */
  readonly drilled: readonly string[];
}
export type DisruptionBoundary = Boundary<DrilledVms>;

const boundariesAt = (
  name: string,
  where: RequestFilter | ((place: DrilledVms) => RequestFilter),
): DisruptionBoundary[] =>
  writeBoundaries<DrilledVms>(name, typeof where === 'function' ? where : () => where);
const stepRequest = (...parts: readonly string[]): RequestFilter =>
  jobsRequest(['"type":"step"', ...parts].join('.*'));
const jobRequest = (...parts: readonly string[]): RequestFilter =>
  jobsRequest(['"type":"job"', ...parts].join('.*'));
const controlRequest = (control: string): RequestFilter =>
  jobsRequest(`"type":"control".*"wish":"${control}"`);
const answerRequest = (given: string): RequestFilter => jobsRequest(`"type":"answer".*"answer":"${given}"`);

/**
 * A failover during a drill asks the drill to yield. The drill skips the rest and unlocks its VMs.
 * The failover locks the VMs, cleans them up and fails them over.
 */
export const DRILL_YIELDS: readonly DisruptionBoundary[] = [
  ...boundariesAt('drill asked to make way', jobsRequest('"type":"control".*"yields":\\[\\{')),
  // No job locks one of the VMs. The failover locks this VM at once, and keeps the lock while it
  // waits for the others.
  ...boundariesAt('free VM taken', registryRequest('"operationType":"Create".*lock:')),
  ...boundariesAt('VMs taken that the drill gave back', {
    ...registryRequest('"operationType":"Create".*lock:'),
    skip: 1,
  }),
  ...boundariesAt("drill's step left out", stepRequest('"phase":"testFailover"', '"state":"skipped"')),
  ...boundariesAt("drill's question given up", stepRequest('"phase":"action"', '"state":"skipped"')),
  ...boundariesAt("drill's VMs given back", ({ drilled }) =>
    registryRequest(`"operationType":"Delete".*lock:(${drilled.join('|')})`),
  ),
  ...boundariesAt('drill closed', jobRequest('"state":"cancelled"')),
  ...boundariesAt(
    'clean-up planned',
    jobsRequest('"operationType":"Create".*"type":"step".*"phase":"cleanUpTestFailover"'),
  ),
  ...boundariesAt('clean-up sent', armRequest('POST', '/testFailoverCleanup(\\?|$)')),
  ...boundariesAt('clean-up ended', stepRequest('"phase":"cleanUpTestFailover"', '"state":"succeeded"')),
];

const FAILED: readonly DisruptionBoundary[] = [
  ...boundariesAt('failure recorded', stepRequest('"phase":"failover"', '"state":"failed"')),
  ...boundariesAt('asked about', jobRequest('"needs":\\[\\{[^\\]]*"kind":"failure"')),
];

export const TRIED_AGAIN: readonly DisruptionBoundary[] = [
  ...FAILED,
  ...boundariesAt('"try again" kept', answerRequest('tryAgain')),
  ...boundariesAt('step planned again', stepRequest('"state":"planned".*"tries":1')),
  ...boundariesAt(
    'its second attempt prepared',
    jobsRequest('"type":"attempt".*"number":2,.*"state":"prepared"'),
  ),
  ...boundariesAt('its second write', { ...armRequest('POST', '/unplannedFailover(\\?|$)'), skip: 2 }),
];

const RETRIED: readonly DisruptionBoundary[] = [
  ...boundariesAt('accepted again', jobRequest('"epoch":2,"state":"accepted"')),
  ...boundariesAt('running again', jobRequest('"epoch":2,"state":"running"')),
  ...boundariesAt('VMs locked again', registryRequest('"type":"lock".*"epoch":2')),
  ...boundariesAt(
    'steps raised',
    jobsRequest('"operationType":"Replace".*"type":"step".*"epoch":2,.*"state":"planned"'),
  ),
  ...boundariesAt('closed at last', jobRequest('"epoch":2,"state":"completed"')),
];

export const CONTINUED: readonly DisruptionBoundary[] = [
  ...boundariesAt('"go on" kept', answerRequest('goOn')),
  ...boundariesAt('closed with exceptions', jobRequest('"state":"completedWithExceptions"')),
  ...RETRIED,
];

export const STOPPED: readonly DisruptionBoundary[] = [
  ...boundariesAt('"stop" kept', answerRequest('stop')),
  ...boundariesAt('followers skipped', stepRequest('"phase":"failover"', '"state":"skipped"')),
  ...RETRIED,
];

export const PAUSED_AND_CANCELLED: readonly DisruptionBoundary[] = [
  ...boundariesAt('paused', controlRequest('paused')),
  ...boundariesAt('resumed', controlRequest('running')),
  ...boundariesAt('cancelled', controlRequest('cancelled')),
  ...boundariesAt('left out', stepRequest('"state":"skipped"')),
  ...boundariesAt('closed as cancelled', jobRequest('"state":"cancelled"')),
  ...boundariesAt('cancelled no more', { ...controlRequest('running'), skip: 1 }),
  ...RETRIED,
];

/** The part that a person could not do, and the answers that two persons must give. */
export const ANSWERED_BY_PERSONS: readonly DisruptionBoundary[] = [
  ...boundariesAt('"not done" kept', answerRequest('notDone')),
  ...boundariesAt('failed for it', stepRequest('"phase":"action"', '"state":"failed"')),
  ...boundariesAt('to be done again', stepRequest('"phase":"action"', '"state":"planned"', '"tries":1')),
  ...boundariesAt('first vote kept', answerRequest('approved')),
  ...boundariesAt('second vote kept', { ...answerRequest('approved'), skip: 1 }),
  ...boundariesAt('approved', jobsRequest('"type":"step".*"name":"Two say yes".*"state":"succeeded"')),
];

export const SKIPPED_BY_PERSON: readonly DisruptionBoundary[] = [
  ...boundariesAt('left out by a person', stepRequest('"state":"skipped"', '"code":"SkippedByPerson"')),
  ...boundariesAt('closed with exceptions', jobRequest('"state":"completedWithExceptions"')),
  ...RETRIED,
];

const windowInState = (state: string): RequestFilter =>
  jobsRequest(`"type":"step".*"state":"${state}".*"node":"window"`);

export const WINDOW_EXPIRES: readonly DisruptionBoundary[] = [
  ...boundariesAt('window opened', windowInState('started')),
  ...boundariesAt('window over', windowInState('succeeded')),
  ...boundariesAt('given up: its turn', stepRequest('"phase":"cancelFailover"', '"state":"waiting"')),
  ...boundariesAt('given up: sent', {
    ...armRequest('POST', '/(failoverCancel|cancelFailover)(\\?|$)'),
    skip: 1,
  }),
  ...boundariesAt('given up: ended', stepRequest('"phase":"cancelFailover"', '"state":"succeeded"')),
];

export const WINDOW_SKIPPED: readonly DisruptionBoundary[] = [
  ...boundariesAt('window asked about', jobRequest('"needs":\\[\\{[^\\]]*"kind":"hold"')),
  ...boundariesAt('"leave out" kept', answerRequest('skip')),
  ...boundariesAt('window left out', windowInState('skipped')),
  ...boundariesAt('its purpose skipped', stepRequest('"phase":"cancelFailover"', '"state":"skipped"')),
];

export const WINDOW_COMMITS: readonly DisruptionBoundary[] = [
  ...boundariesAt('"end now" kept', answerRequest('endNow')),
  ...boundariesAt('committed: its turn', stepRequest('"phase":"commit"', '"state":"waiting"')),
  ...boundariesAt('committed: sent', { ...armRequest('POST', '/failoverCommit(\\?|$)'), skip: 1 }),
  ...boundariesAt('committed: ended', stepRequest('"phase":"commit"', '"state":"succeeded"')),
];
